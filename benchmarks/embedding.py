"""The answer to a request for embeddings, and the numbers in it."""

from __future__ import annotations

import base64
import json
import random
from array import array
from functools import lru_cache
from typing import Final

from .wire import Write, head

__all__ = ["vector", "writes"]

#: The numbers of one embedding.
_DIMENSIONS: Final = 1536
#: Distinct vectors in an answer; the rest repeats them.
_DISTINCT: Final = 32


@lru_cache(maxsize=_DISTINCT)
def vector(nth: int) -> array[float]:
    """The numbers of an embedding, as float32."""
    dice = random.Random(nth % _DISTINCT)
    return array("f", (dice.gauss(0, 0.03) for _ in range(_DIMENSIONS)))


def writes(count: int, *, packed: bool) -> list[Write]:
    """The answer to a request for so many embeddings, ``packed`` as base64."""
    found = [vector(nth) for nth in range(min(count, _DISTINCT))]
    rows = (
        [json.dumps(base64.b64encode(row.tobytes()).decode()) for row in found]
        if packed
        else [json.dumps(row.tolist(), separators=(",", ":")) for row in found]
    )
    data = ",".join(
        f'{{"object":"embedding","index":{nth},"embedding":{rows[nth % _DISTINCT]}}}'
        for nth in range(count)
    )
    usage = {"prompt_tokens": count, "total_tokens": count}
    told = f'{{"object":"list","data":[{data}],"model":"m","usage":{json.dumps(usage)}}}'.encode()
    return [head("application/json", f"Content-Length: {len(told)}"), told]
