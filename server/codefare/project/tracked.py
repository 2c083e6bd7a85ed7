"""Whether git tracks a file: what is tracked is not ignored by git, whatever a .gitignore says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codefare.errors import TargetError
from codefare.project.git import Repository

if TYPE_CHECKING:
    from pathlib import Path

_SECONDS = 5.0
_LONGEST = 10_000  # bytes


def is_tracked(path: Path) -> bool:
    """Whether git lists a file as one of the repository. Git is asked, which blocks; where it cannot say: no."""
    if not path.parent.is_dir():
        return False
    try:
        repository = Repository(path.parent, timeout=_SECONDS)
        name = (repository.folder / path.name).relative_to(repository.root).as_posix()
        listed, _ = repository.run("ls-files", "-z", "--cached", "--", name, limit=_LONGEST)
    except (TargetError, OSError, ValueError):
        return False
    # During a merge it is listed once for each side.
    return name in listed.decode("utf-8", "surrogateescape").split("\0")
