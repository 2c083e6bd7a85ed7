"""Whether another process still runs."""

from __future__ import annotations

import os


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
    return True
