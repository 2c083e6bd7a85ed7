"""The process's standard output and error: neither a locale nor a reader that has gone ends in a traceback."""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress


def prepare() -> None:
    """Let both take any text: what their encoding lacks is escaped. One that is closed swallows all."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            # Also, so that no file opened later gets the number 1 or 2.
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115  for the whole process
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def give_up(error: OSError) -> bool:
    """Write nothing more to either after `error`; true if it only means that the reader has seen enough.

    Python would fail once more on what is left in their buffers when it ends.
    """
    reader_left = isinstance(error, BrokenPipeError)
    if not reader_left:
        with suppress(OSError):
            sys.stderr.write(f"codefare: The output was not written: {error.strerror or error}.\n")
    with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123  for its number
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                os.dup2(nowhere.fileno(), stream.fileno())
    return reader_left
