"""Running git on a repository that may be hostile.

A repository's own configuration can name programs that git runs: watchers, diff and text conversion
programs, filters, hooks, pagers, transports. All of them are switched off. Where the repository is
and what belongs to it is found here too, since `core.worktree` may point anywhere.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from codefare.environment import for_programs
from codefare.errors import TargetError, sentence
from codefare.source.regular import read_regular

if TYPE_CHECKING:
    from collections.abc import Sequence

_OLDEST = (2, 31)  # GIT_CONFIG_COUNT: the one way to set any key, whatever characters it holds
_KEPT = frozenset(
    {"GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_EXEC_PATH"}
)
_FIXED = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_PAGER": "cat",
    "GIT_ALLOW_PROTOCOL": "none",  # a partial clone would fetch what is missing
    "GIT_NO_LAZY_FETCH": "1",
    "LC_ALL": "C",
}
_SETTINGS = (
    ("core.fsmonitor", "false"),
    ("core.hooksPath", os.devnull),
    ("core.pager", "cat"),
    ("core.quotePath", "false"),
    ("core.safecrlf", "false"),
    ("diff.autoRefreshIndex", "false"),  # it would write the index, and run a hook on that
    ("diff.suppressBlankEmpty", "false"),
    ("protocol.allow", "never"),
)
_FILTER = re.compile(r"filter\..*\.(?:clean|smudge|process|required)", re.DOTALL)
_VERSION = re.compile(r"git version (\d+)\.(\d+)")
_WORKTREE = re.compile(r"^\s*worktree\s*=\s*(.+?)\s*$", re.MULTILINE)
_CHUNK = 64 * 1024
_MOST_CONFIG = 1_000_000  # bytes


class Repository:
    """The repository that holds a folder. `root` is its working tree, without links.

    Raises:
        TargetError: there is no git, it is too old, it runs out of time, or there is no
            repository that it would trust.
    """

    def __init__(self, folder: Path, *, timeout: float = 20.0) -> None:
        """All of what is asked of it together may take `timeout` seconds."""
        self._until = time.monotonic() + timeout
        folder = Path(os.path.realpath(folder))
        self.folder = folder
        self.root = _root_of(folder)
        _check_own(self.root)
        self._program = _program(self.root)
        self._settings = list(_SETTINGS)
        self._check_version()
        # Git looks for the repository itself this once: it refuses one that belongs to another user.
        self._run(("rev-parse", "--absolute-git-dir"), found=False)
        self._settings += self._without_filters()

    def run(self, *arguments: str, limit: int, stdin: bytes = b"") -> tuple[bytes, bool]:
        """What a command prints, up to `limit` bytes, and whether that was all of it.

        Raises:
            TargetError: the command failed, or takes too long.
        """
        return self._run(arguments, limit=limit, stdin=stdin)

    def _check_version(self) -> None:
        text = self._run(("version",), found=False)[0].decode("utf-8", "replace")
        match = _VERSION.search(text)
        version = (int(match[1]), int(match[2])) if match else (0, 0)
        if version < _OLDEST:
            raise TargetError(
                f"{text.strip() or 'git'} is too old to show changes safely.",
                remedy=f"Install git {'.'.join(map(str, _OLDEST))} or later.",
            )

    def _without_filters(self) -> list[tuple[str, str]]:
        """Settings that switch off the filters of the repository, not those of the user."""
        listed, whole = self._run(("config", "--list", "-z", "--show-scope"), limit=_MOST_CONFIG)
        if not whole:
            raise TargetError(
                f"The configuration of the repository {self.root} is too large.",
                remedy="Look at .git/config.",
            )
        parts = listed.decode("utf-8", "surrogateescape").split("\0")
        keys = {
            entry.partition("\n")[0]
            for scope, entry in zip(parts[::2], parts[1::2], strict=False)
            if scope not in ("system", "global")
        }
        names = {key.rpartition(".")[0] for key in keys if _FILTER.fullmatch(key)}
        return [
            (f"{name}.{key}", "false" if key == "required" else "")
            for name in sorted(names)
            for key in ("clean", "smudge", "process", "required")
        ]

    def _run(
        self,
        arguments: Sequence[str],
        *,
        limit: int = _CHUNK,
        stdin: bytes = b"",
        found: bool = True,
    ) -> tuple[bytes, bool]:
        where = [f"--git-dir={self.root / '.git'}", f"--work-tree={self.root}"] if found else []
        command = [self._program, "--no-pager", *where, *arguments]
        left = self._until - time.monotonic()
        if left <= 0:
            raise self._late()
        with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as errors:
            given.write(stdin)
            given.seek(0)
            try:
                process = subprocess.Popen(
                    command,
                    cwd=self.root,
                    env=_environment(self._settings),
                    stdin=given,
                    stdout=subprocess.PIPE,
                    stderr=errors,
                    start_new_session=True,
                )
            except OSError as error:
                raise TargetError(
                    f"git cannot be started: {error.strerror or error}.", remedy="Check your git."
                ) from None
            printed, late = _printed(process, limit + 1, left)
            if late:
                raise self._late()
            if len(printed) <= limit and process.returncode:
                errors.seek(0)
                raise self._failed(errors.read(4000).decode("utf-8", "replace"))
        return printed[:limit], len(printed) <= limit

    def _late(self) -> TargetError:
        return TargetError(
            f"git takes too long in {self.root}.",
            remedy="Run git status there once, or work on a file instead.",
        )

    def _failed(self, said: str) -> TargetError:
        if "dubious ownership" in said:
            return TargetError(
                f"git does not trust the repository {self.root}: it belongs to another user.",
                remedy=f"If you trust it: git config --global --add safe.directory {self.root}",
            )
        lines = [line.strip() for line in said.splitlines() if line.strip()]
        words = next((line for line in reversed(lines) if line.startswith("fatal:")), "")
        words = (words or "\n".join(lines[:1]) or "no reason given").removeprefix("fatal: ")
        return TargetError(
            sentence(f"git failed in {self.root}: {words}"),
            remedy="Run git status there.",
        )


def _root_of(folder: Path) -> Path:
    for here in (folder, *folder.parents):
        if (here / ".git").exists():
            return here
    raise TargetError(
        f"{folder} is in no git repository.",
        remedy="Review a file or a selection instead, or run git init and commit what there is.",
    )


def _check_own(root: Path) -> None:
    """Nothing, if what is called `.git` belongs to this folder: it could stand for another project's history.

    Raises:
        TargetError: it is neither a plain repository, nor that of a worktree or submodule which knows this folder.
    """
    git = root / ".git"
    try:
        if git.is_symlink() or (git / "commondir").exists():
            raise _borrowed(root)
        if git.is_dir():
            return
        text = _text(git)
        real = (root / text.removeprefix("gitdir:").strip()).resolve()
        back = real / "gitdir"
        if back.is_file():
            known = (real / _text(back).strip()).resolve() == git.resolve()
        else:
            match = _WORKTREE.search(_text(real / "config"))
            known = match is not None and (real / match[1].strip('"')).resolve() == root
    except (OSError, RuntimeError, ValueError):
        known = False
    if not known:
        raise _borrowed(root)


def _text(path: Path) -> str:
    return read_regular(path, _MOST_CONFIG).decode("utf-8", "replace")


def _borrowed(root: Path) -> TargetError:
    return TargetError(
        f"The .git of {root} belongs to another folder.",
        remedy="Review a file or a selection instead.",
    )


def _program(root: Path) -> str:
    """Git, found in the user's path; not one that lies in the repository itself."""
    found = shutil.which("git")
    if found is None or Path(os.path.realpath(found)).is_relative_to(root):
        raise TargetError(
            "There is no git on this computer.", remedy="Install git, or review a file instead."
        )
    return os.path.abspath(found)  # noqa: PTH100 - resolve() would follow links: a wrapper goes by its name


def _environment(settings: Sequence[tuple[str, str]]) -> dict[str, str]:
    kept = {
        name: value
        for name, value in for_programs().items()
        if not name.startswith("GIT_") or name in _KEPT
    }
    numbered = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, (key, value) in enumerate(settings):
        numbered |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return kept | _FIXED | numbered


def _printed(process: subprocess.Popen[bytes], limit: int, seconds: float) -> tuple[bytes, bool]:
    """What a process prints, up to `limit` bytes, and whether its time was up. It is over then."""
    late = threading.Event()

    def give_up() -> None:
        late.set()
        _end(process)

    timer = threading.Timer(seconds, give_up)
    timer.daemon = True
    timer.start()
    pieces: list[bytes] = []
    size = 0
    try:
        with process:
            if process.stdout is None:
                return b"", False
            while size < limit and (piece := process.stdout.read(min(_CHUNK, limit - size))):
                pieces.append(piece)
                size += len(piece)
            if size >= limit:
                _end(process)
    finally:
        timer.cancel()
    return b"".join(pieces), late.is_set()


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends a process with all that it started, which may hold its output open."""
    with suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
