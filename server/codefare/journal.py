"""The log: a file of the user's own, bounded in size. Never keys, never code: no part of codefare logs either."""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from typing import TYPE_CHECKING

from codefare.legible import one_line
from codefare.places import log_folder, private_folder
from codefare.wordless import Wordless

if TYPE_CHECKING:
    from io import TextIOWrapper
    from pathlib import Path

_SIZE = 1_000_000  # bytes, and as much again for the file before
_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class _OwnersFile(RotatingFileHandler):
    """Creates its files for their owner alone, whatever the umask."""

    def _open(self) -> TextIOWrapper:
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        if os.name == "posix":
            os.fchmod(descriptor, 0o600)  # it may be older than this rule
        return open(descriptor, "a", encoding="utf-8", errors="backslashreplace")  # noqa: PTH123  from a descriptor


class _OneLine(Wordless):
    """A record is one line, but for the trace of an error: a file's name cannot forge another."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  the name is logging's
        record.message = one_line(record.message)
        return super().formatMessage(record)


def open_log(level: str) -> Path | None:
    """Start to write what codefare's modules log to `codefare.log`; None if the file cannot be written."""
    try:
        file = private_folder(log_folder()) / "codefare.log"
        handler = _OwnersFile(file, maxBytes=_SIZE, backupCount=1)
        with suppress(FileNotFoundError):
            file.with_name(f"{file.name}.1").chmod(0o600)  # it may be older than this rule, too
    except OSError:
        return None
    handler.setFormatter(_OneLine(_FORMAT))
    logger = logging.getLogger("codefare")
    logger.addHandler(handler)
    logger.setLevel(level.upper())
    return file
