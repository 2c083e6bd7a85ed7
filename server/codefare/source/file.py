"""Source files on disk: read exactly as they are, and replaced whole or not at all."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from codefare.errors import TargetError
from codefare.source.document import Document
from codefare.source.languages import language_of
from codefare.source.regular import read_regular

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

SIZE_LIMIT = 2_000_000
"""Bytes. Larger files are data or generated, and fit into no model's window (about 600,000 tokens)."""

_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_READ_AND_WRITE = 0o666


def check_workable(name: object, size: int, *, binary: bool) -> None:
    """Nothing, if a text of `size` bytes can be worked on; `name` is what a message calls it.

    Raises:
        TargetError: it is larger than `SIZE_LIMIT`, or binary.
    """
    if size > SIZE_LIMIT:
        raise TargetError(
            f"{name} has {size / 1e6:.1f} MB; the limit is {SIZE_LIMIT / 1e6:.0f} MB.",
            remedy="Copy the part to work on into a file of its own.",
        )
    if binary:
        raise TargetError(f"{name} is a binary file.", remedy="Choose a source file.")


def read_document(path: Path) -> Document:
    """The document in a file, with its byte order mark and its line breaks as they are.

    Raises:
        TargetError: there is no such file, it is no regular file, cannot be read, is larger than
            `SIZE_LIMIT`, or is not text in UTF-8.
    """
    data = _bytes_of(path)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise TargetError(
            f"{path} is not text in UTF-8 (byte {error.start} is none of it).",
            remedy="Save the file as UTF-8 if it is text in another encoding.",
        ) from None
    absolute = path.absolute()
    return Document(absolute.as_uri(), absolute, language_of(path, None), text)


def check_writable(path: Path) -> None:
    """Nothing, if the content of an existing file may be replaced.

    Raises:
        TargetError: it is read-only.
    """
    if not os.access(os.path.realpath(path), os.W_OK):
        raise TargetError(
            f"{path} is read-only; nothing was written.", remedy="Make the file writable."
        )


def digest_of(text: str) -> str:
    """What `replace_text` knows a file's text by: SHA-256 of its UTF-8, in hexadecimal."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def replace_text(path: Path, text: str, *, digest: str) -> None:
    """Make `text` the content of an existing file, in one step.

    `digest` is `Document.digest` from when the file was read. A link is followed, and the file it
    leads to keeps its permissions and extended attributes. Other hard links to the file keep the
    old content.

    Raises:
        TargetError: the file is not what it was, or cannot be written.
    """
    data = _encoded(path, text)
    real = Path(os.path.realpath(path))
    _check_unchanged(path, digest)
    check_writable(path)
    try:
        _swap(real, data, lambda: _check_unchanged(path, digest))
    except OSError as error:
        raise _unwritable(path, error) from None


def create_text(path: Path, text: str, *, within: Sequence[Path]) -> None:
    """Write a new file, and the folders it needs.

    Links on the way to it may lead around in one of the folders `within`, but not out of them, nor may they be put
    there between the look and the write.

    Raises:
        TargetError: there is something at `path` already, it is outside, or it cannot be written.
    """
    data = _encoded(path, text)
    try:
        real = inside(path, within)
        if real is None:
            raise TargetError(
                f"{path} is outside of the workspace; nothing was written.",
                remedy="Open its folder in the editor, or work on a file there.",
            )
        with _folder(real.parent) as folder:
            _create(real, data, folder)
    except FileExistsError:
        raise TargetError(
            f"{path} exists already; nothing was written.",
            remedy="Move it away, or choose another name.",
        ) from None
    except (OSError, RuntimeError) as error:  # RuntimeError: links that lead in a circle
        raise _unwritable(path, error) from None


def inside(path: Path, folders: Sequence[Path]) -> Path | None:
    """What a path really is, if that is in one of the folders once links are followed; else None.

    Raises:
        OSError, RuntimeError: it cannot be told.
    """
    real = path.parent.resolve() / path.name
    return real if any(real.is_relative_to(folder.resolve()) for folder in folders) else None


@contextmanager
def _folder(real: Path) -> Iterator[int | None]:
    """An open folder of a path without links, made where it is missing: whatever becomes a link now is not followed.

    None where the system cannot open folders (Windows).
    """
    if os.open not in os.supports_dir_fd or os.mkdir not in os.supports_dir_fd:
        real.mkdir(parents=True, exist_ok=True)
        yield None
        return
    here = os.open(real.anchor, _FOLDER)
    try:
        for part in real.parts[1:]:
            try:
                inner = os.open(part, _FOLDER, dir_fd=here)
            except FileNotFoundError:
                with suppress(FileExistsError):  # another made it
                    os.mkdir(part, dir_fd=here)
                inner = os.open(part, _FOLDER, dir_fd=here)
            os.close(here)
            here = inner
        yield here
    finally:
        os.close(here)


def _create(real: Path, data: bytes, folder: int | None) -> None:
    name = real if folder is None else real.name
    handle = os.open(
        name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, _READ_AND_WRITE, dir_fd=folder
    )
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
    except OSError:
        with suppress(OSError):
            os.unlink(name, dir_fd=folder)
        raise


# On the way down a folder need not be readable, where the system knows that.
_FOLDER: int = (
    getattr(os, "O_PATH", os.O_RDONLY)
    | getattr(os, "O_DIRECTORY", 0)
    | getattr(os, "O_NOFOLLOW", 0)
)
_BINARY: int = getattr(os, "O_BINARY", 0)  # Windows would turn every LF into CR LF


def _check_unchanged(path: Path, digest: str) -> None:
    if sha256(_bytes_of(path)).hexdigest() != digest:
        raise TargetError(
            f"{path} has changed since it was read; nothing was written.",
            remedy="Run the command again.",
        )


def _swap(real: Path, data: bytes, check: Callable[[], None]) -> None:
    """Write next to the file, `check`, then rename: a reader sees the old content or the new, never half.

    Until the new content is on the disk takes a while, in which the user may save the file.
    """
    handle, name = tempfile.mkstemp(prefix=f".{real.name}.", dir=real.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        before = real.stat()
        if hasattr(os, "chown"):
            with suppress(PermissionError):  # only root may give files away
                os.chown(name, before.st_uid, before.st_gid)
        shutil.copystat(real, name)  # after the owner, a change of which takes mode bits away
        os.utime(name)  # build tools look at the time of the change
        check()
        Path(name).replace(real)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise


def _bytes_of(path: Path) -> bytes:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            what = "a folder" if stat.S_ISDIR(status.st_mode) else "not a regular file"
            raise TargetError(f"{path} is {what}.", remedy="Name a source file.")
        check_workable(path, status.st_size, binary=False)
        data = read_regular(path, SIZE_LIMIT + 1)
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        raise TargetError(
            f"{path} cannot be read: {_reason(error)}.",
            remedy="Check the path and your rights to it.",
        ) from None
    if data.startswith(_UTF16):
        raise TargetError(f"{path} is text in UTF-16.", remedy="Save the file as UTF-8.")
    check_workable(path, len(data), binary=b"\0" in data)
    return data


def _encoded(path: Path, text: str) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        raise TargetError(
            f"The new text of {path} holds half a character; nothing was written.",
            remedy="Run the action again, or pick another model.",
        ) from None


def _unwritable(path: Path, error: OSError | RuntimeError) -> TargetError:
    return TargetError(
        f"{path} cannot be written: {_reason(error)}.",
        remedy="Check your rights to the folder, and the space on the disk.",
    )


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).lower()
