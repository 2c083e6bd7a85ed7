"""New files that an action writes: created on disk by us, and never over an existing one.

Not through `workspace/applyEdit`: Neovim and Helix empty an existing file when a `CreateFile`
comes without `ignoreIfExists`, and with it the edit that follows changes that file; eglot knows no
`CreateFile`. The file system alone can promise that nothing is overwritten, so the file is created
exclusively and then opened in the editor.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codefare.errors import TargetError
from codefare.lsp.display import Shown, show_file
from codefare.lsp.edits import NotApplied
from codefare.source.file import create_text, inside

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from codefare.lsp.base import Server


@dataclass(frozen=True, slots=True)
class Created:
    """The file is on disk; `shown` tells whether the editor opened it."""

    path: Path
    shown: Shown


async def create_file(
    server: Server, path: Path, text: str, *, beside: Path | None = None
) -> Created | NotApplied:
    """Writes `text` (UTF-8, line endings as they are) to the new file `path` and opens it.

    The file must lie in a folder of the workspace, or, where the editor has none, in the folder of
    `beside`, symbolic links resolved. Missing folders are made. A file that exists on disk or is
    open in the editor is never touched.
    """
    reason = await why_not(server, path, beside=beside)
    if reason is None:
        reason = await server.in_thread(_create, path, text, _roots(server, beside))
    if reason is not None:
        return NotApplied(reason)
    return Created(path, await show_file(server, path, f"{path} was written."))


async def why_not(server: Server, path: Path, *, beside: Path | None = None) -> str | None:
    """Why `create_file` would refuse `path`, as far as that can be known beforehand; None if it would not."""
    roots = _roots(server, beside)
    opened = [document.file_path for document in server.documents.open_documents]
    return await server.in_thread(_refusal, path, roots, opened)


def _roots(server: Server, beside: Path | None) -> Sequence[Path]:
    """The folders in which a file may be made."""
    return server.documents.folder_paths or ([beside.parent] if beside else [])


def _refusal(path: Path, roots: Sequence[Path], opened: Sequence[Path | None]) -> str | None:
    try:
        real = path.resolve()
        if inside(path, roots) is None or inside(real, roots) is None:
            return f"{path} is outside of the workspace"
        if any(other and _same(other.resolve(), real) for other in opened):
            return f"{path} is open in the editor already"
    except (OSError, RuntimeError) as error:  # RuntimeError: links that lead in a circle
        return f"{path} could not be written: {error}"
    return None


def _create(path: Path, text: str, roots: Sequence[Path]) -> str | None:
    """Creates the file; returns why it could not."""
    try:
        create_text(path, text, within=roots)
    except TargetError as error:
        return error.text
    return None


def _same(one: Path, other: Path) -> bool:
    return os.path.normcase(one) == os.path.normcase(other)
