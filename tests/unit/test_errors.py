from __future__ import annotations

import pickle
import re

import pytest
from axio.exceptions import StreamError
from axio.types import Usage

from axio_transport_openai import errors

_CLASSES = [getattr(errors, name) for name in errors.__all__]


def _drawn() -> dict[str, str]:
    """Every class of the tree in the module's docstring, with the one it hangs from."""
    parents: dict[str, str] = {}
    branch = ["StreamError"]
    for line in (errors.__doc__ or "").splitlines():
        if found := re.match(r"([ |]*)\+-- (\w+)", line):
            depth = len(found[1]) // 4 + 1
            branch[depth:] = [found[2]]
            parents[found[2]] = branch[depth - 1]
    return parents


def test_the_tree_that_is_drawn_is_the_tree_there_is() -> None:
    assert _drawn() == {found.__name__: found.__base__.__name__ for found in _CLASSES}


@pytest.mark.parametrize("kind", _CLASSES)
def test_every_error_is_one_that_axio_knows(kind: type[errors.APIError]) -> None:
    error = kind("told")

    assert isinstance(error, StreamError)
    assert str(error) == "told"


def test_an_error_of_which_nothing_is_known_says_so() -> None:
    error = errors.APIError("told")

    assert (error.said, error.code, error.request_id) == ("", "", "")
    assert (error.status, error.retry_after, error.usage) == (None, None, None)
    assert error.retryable is False


@pytest.mark.parametrize("kind", _CLASSES)
def test_an_error_comes_whole_out_of_another_process(kind: type[errors.APIError]) -> None:
    error = kind(
        "told",
        said="said",
        status=429,
        code="code",
        request_id="id",
        retry_after=1.5,
        retryable=True,
        usage=Usage(3, 2),
    )
    copied = pickle.loads(pickle.dumps(error))

    assert type(copied) is kind
    assert str(copied) == "told"
    assert vars(copied) == vars(error)


def test_what_a_service_did_not_measure_is_empty() -> None:
    assert (errors.Stalled("told").clock, errors.Stalled("told").limit) == ("", 0.0)
    assert (errors.ContextOverflow("told").limit, errors.ContextOverflow("told").asked) == (
        None,
        None,
    )
