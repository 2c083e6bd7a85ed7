"""codefare as `python -m codefare`, with a word on standard error for each slow thing that its loop does.

Slow is what may take more than 50 ms. It is not measured, but known by its name.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from functools import wraps
from typing import Any

import codefare.assembly
from codefare.cli import main
from codefare.source import document

COMPLAINT = "on the loop: "

_SLOW = (
    (codefare.assembly, "assemble"),
    (document, "definitions"),
)


_SLOW_IMPORTS = frozenset({"anyio._backends._asyncio", "diskcache", "httpx", "pydantic"})


def _complain(of: str) -> None:
    sys.stderr.write(f"{COMPLAINT}{of}\n")


class _Imports:
    """Stands before the finders of modules, and finds none."""

    @staticmethod
    def find_spec(name: str, *_: object) -> None:
        if name in _SLOW_IMPORTS and threading.current_thread() is threading.main_thread():
            _complain(name)


def _watched(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def watched(*args: Any, **more: Any) -> Any:
        if threading.current_thread() is threading.main_thread():
            _complain(name)
        return function(*args, **more)

    return watched


if __name__ == "__main__":
    for module, name in _SLOW:
        setattr(module, name, _watched(name, getattr(module, name)))
    sys.meta_path.insert(0, _Imports)
    main()
