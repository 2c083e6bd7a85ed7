"""A program whose files are on a disk that is full, or gets full: run beside a test.

`full_disk.py KIND FOLDER run WORDS...` runs codefare with these words; `full_disk.py KIND FOLDER pay` pays for two
answers, and the disk gets full while the second one comes.
"""

from __future__ import annotations

import asyncio
import ctypes
import json
import os
import resource
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

NO_DISK = 77
"""The exit code where no disk can be mounted."""

_NEW_MOUNTS, _NEW_USER = 0x00020000, 0x10000000  # CLONE_NEWNS, CLONE_NEWUSER


class Mounted:
    """A small disk of our own, which nobody else sees: the kernel says when it is full."""

    def __init__(self, folder: Path) -> None:
        self._filler = folder / "filler"
        libc = ctypes.CDLL(None, use_errno=True)
        user, group = os.getuid(), os.getgid()
        if libc.unshare(_NEW_USER | _NEW_MOUNTS):
            sys.exit(NO_DISK)
        Path("/proc/self/setgroups").write_text("deny", "utf-8")
        Path("/proc/self/uid_map").write_text(f"0 {user} 1", "utf-8")
        Path("/proc/self/gid_map").write_text(f"0 {group} 1", "utf-8")
        if libc.mount(b"tmpfs", bytes(folder), b"tmpfs", 0, b"size=1m,mode=700"):
            sys.exit(NO_DISK)

    def fill(self) -> None:
        """Leave no byte."""
        with suppress(OSError), self._filler.open("wb", buffering=0) as file:
            while file.write(b"x" * 4096):
                pass

    def free(self) -> None:
        """Make room again."""
        self._filler.unlink()


class Limited:
    """No file may grow: what SQLite meets then is another error than that of a full disk."""

    def __init__(self) -> None:
        self._before = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill(self) -> None:
        """Let no file be longer than a few bytes."""
        resource.setrlimit(resource.RLIMIT_FSIZE, (16, self._before[1]))

    def free(self) -> None:
        """Let files grow again."""
        resource.setrlimit(resource.RLIMIT_FSIZE, self._before)


async def pay(disk: Mounted | Limited, source: Path) -> dict[str, Any]:
    """Two paid answers; what was shown of the second, and what is known before and after there is room again."""
    from codefare.assembly import assemble
    from codefare.source.file import read_document

    document = read_document(source)
    engine = assemble()
    await engine.open()
    asks = [
        engine.quoter.ask("document", document, document.target(document.span_of_lines(line, line)))
        for line in (1, 5)
    ]
    first, second = await engine.quotes(asks)
    costs = [str((await engine.run(first)).cost_usd)]
    filled = False

    def progress(_made: object) -> None:
        nonlocal filled
        if not filled:
            filled = True
            disk.fill()

    result = await engine.run(second, progress=progress)
    costs.append(str(result.cost_usd))
    told: dict[str, Any] = {
        "outcome": type(result.outcome).__name__,
        "ledger": engine.ledger.health,
        "answers": engine.answers.health,
    }
    disk.free()
    spent = await engine.ledger.today()
    (again,) = await engine.quotes(asks[:1])
    told |= {
        "costs": costs,
        "spent": str(spent.cost_usd),
        "open": spent.open_attempts,
        "after": engine.ledger.health,
        "first_cached": again.cached,
    }
    await engine.close()
    return told


def main(kind: str, folder: str, what: str, *words: str) -> None:
    """See above."""
    disk = Mounted(Path(folder)) if kind == "mounted" else Limited()
    if what == "pay":
        sys.stdout.write(json.dumps(asyncio.run(pay(disk, Path(words[0])))))
        return
    import codefare.cli

    disk.fill()
    sys.argv[1:] = words
    codefare.cli.main()


if __name__ == "__main__":
    main(*sys.argv[1:])
