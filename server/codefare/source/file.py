"""Source files on disk: read exactly as they are, and replaced whole or not at all."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from codefare.errors import TargetError
from codefare.source.document import Document
from codefare.source.languages import language_of

if TYPE_CHECKING:
    from collections.abc import Callable

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


def create_text(path: Path, text: str) -> None:
    """Write a new file, and the folders it needs.

    Raises:
        TargetError: there is something at `path` already, or it cannot be written.
    """
    data = _encoded(path, text)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(path, error) from None
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, _READ_AND_WRITE)
    except FileExistsError:
        raise TargetError(
            f"{path} exists already; nothing was written.",
            remedy="Move it away, or choose another name.",
        ) from None
    except OSError as error:
        raise _unwritable(path, error) from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
    except OSError as error:
        with suppress(OSError):
            path.unlink()
        raise _unwritable(path, error) from None


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
        data = path.read_bytes()
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


def _unwritable(path: Path, error: OSError) -> TargetError:
    return TargetError(
        f"{path} cannot be written: {_reason(error)}.",
        remedy="Check your rights to the folder, and the space on the disk.",
    )


def _reason(error: OSError | ValueError) -> str:
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).lower()
