"""Whether another process still runs."""

from __future__ import annotations

import os
from pathlib import Path

# Fields of proc_pid_stat(5).
_STATE, _START = 3, 22
_ENDED = frozenset("ZX")  # nobody has asked yet how it ended


def born(pid: int) -> str | None:
    """When the process with this id began, in the system's own unit; None where that is not told.

    An id is given out again; with this it names one process.
    """
    return _told(pid, _START)


def is_running(pid: int) -> bool:
    """Whether a process with this id runs; yes where asking would disturb it (Windows)."""
    if os.name != "posix":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True  # another user's
    return _told(pid, _STATE) not in _ENDED


def _told(pid: int, field: int) -> str | None:
    try:
        # What stands before the bracket may hold anything: it is the program's name.
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        return fields[field - 3]
    except (OSError, IndexError):
        return None
