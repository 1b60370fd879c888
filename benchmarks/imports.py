"""What an import costs, in a process that has imported nothing else; it prints one JSON object.

Run by path, with ``-P``: the code and the name of the package whose modules are its own.
"""

import sys
import time

_code, _own = sys.argv[1:]
_had = len(sys.modules)
_start = time.process_time()
exec(_code)  # noqa: S102 - the line that a program would begin with
_spent = time.process_time() - _start
_modules = len(sys.modules) - _had
_made = sum(name.partition(".")[0] == _own for name in sys.modules)

import json  # noqa: E402 - not among what is counted

_figures = {"ms": _spent * 1e3, "modules": _modules, "own": _made}
print(json.dumps({"figures": _figures}))
