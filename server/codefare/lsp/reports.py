"""Reports: Markdown shown through a real file, which every editor can open.

The files are only the user's to read (0600 in a folder of 0700), since they quote code.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from codefare.errors import StoreError
from codefare.lsp.display import Shown, show_file
from codefare.places import private_folder

if TYPE_CHECKING:
    from codefare.lsp.base import Server

log = logging.getLogger(__name__)

KEPT = 50
"""Files that are kept; the oldest go first."""

_UNFIT = re.compile(r"[^\w.-]+")  # what is left of a label is safe in a file name anywhere
_OURS = re.compile(r".+-[0-9a-f]{12}\.md")
_BINARY: int = getattr(os, "O_BINARY", 0)  # Windows would turn every LF into CR LF
_MAX_NAME = 60  # characters of the label


class Reports:
    """Shows reports. `folder` is ours alone, in the user's cache folder."""

    def __init__(self, server: Server, folder: Path) -> None:
        self._server = server
        self._folder = folder

    async def show(self, label: str, markdown: str) -> tuple[Path, Shown]:
        """Writes `markdown` to a file named after `label` and opens it in the editor.

        The same report is the same file: showing it again does not litter. Where the folder cannot
        be written, a temporary one serves. Where the editor does not open it for certain, a message
        says where it is.

        Raises:
            StoreError: the file could not be written.
        """
        try:
            path = await self._server.in_thread(self._write, label, markdown)
        except OSError as error:
            log.warning("no report in %s: %s", self._folder, error.strerror)
            try:
                # It may have been paid for, and the cache may be as unwell as its folder.
                self._folder = Path(await self._server.in_thread(_temporary_folder))
                path = await self._server.in_thread(self._write, label, markdown)
            except OSError:
                raise StoreError(
                    f"The report could not be written to {self._folder}: {error.strerror}.",
                    remedy="Make the folder writable, or set another cache folder.",
                ) from error
        return path, await show_file(self._server, path, f"{label}: {path}")

    def _write(self, label: str, markdown: str) -> Path:
        from codefare.lsp.markdown import harmless  # its parser is not needed before

        data = harmless(markdown).encode("utf-8", "replace")
        private_folder(self._folder)
        name = _UNFIT.sub("-", label).strip("-.")[:_MAX_NAME] or "report"
        path = self._folder / f"{name}-{hashlib.sha256(data).hexdigest()[:12]}.md"
        # Written anew even if it is there: someone may have changed it.
        temporary = path.with_suffix(f".{os.getpid()}.tmp")
        temporary.unlink(missing_ok=True)
        # Private from the start, not only once the text is in it.
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        temporary.replace(path)
        self._prune()
        return path

    def _prune(self) -> None:
        try:
            ours = [path for path in self._folder.iterdir() if _OURS.fullmatch(path.name)]
            ours.sort(key=lambda path: path.stat().st_mtime_ns, reverse=True)
            for path in ours[KEPT:]:
                path.unlink()
        except OSError as error:  # another process prunes too, or the file is open on Windows
            log.debug("old reports stay: %s", error.strerror)


def _temporary_folder() -> str:
    return tempfile.mkdtemp(prefix="codefare-")  # for its owner alone
