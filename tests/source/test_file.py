"""Files on disk: read exactly, refused with a reason, replaced whole or not at all."""

from __future__ import annotations

import os
import stat
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codefare.errors import TargetError
from codefare.source.file import SIZE_LIMIT, create_text, read_document, replace_text

if TYPE_CHECKING:
    from pathlib import Path

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions and links")


@given(st.text(st.characters(exclude_characters="\0", codec="utf-8")))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_text_survives_reading_and_writing(tmp_path: Path, text: str) -> None:
    """Byte order marks, line breaks and odd characters come back as they were."""
    path = tmp_path / "a b é.py"
    path.write_bytes(text.encode())
    document = read_document(path)
    assert document.text == text
    replace_text(path, document.text + "\r\nend", digest=document.digest)
    assert path.read_bytes() == text.encode() + b"\r\nend"


def test_a_document_knows_where_it_is_from(tmp_path: Path) -> None:
    """Path, URI and language come from the file's name."""
    path = tmp_path / "a b.rs"
    path.write_text("fn f() {}\n", encoding="utf-8")
    document = read_document(path)
    assert (document.path, document.language, document.version) == (path, "rust", None)
    assert document.uri == path.as_uri()
    assert document.uri.endswith("/a%20b.rs")


def write_bytes(path: Path, data: bytes) -> Path:
    """A file with some content."""
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0", "is a binary file"),
        (b"caf\xe9\n", r"is not text in UTF-8 \(byte 3 "),
        ("text".encode("utf-16"), "is text in UTF-16"),
        (b"x" * (SIZE_LIMIT + 1), r"has 2\.0 MB; the limit is 2 MB"),
    ],
)
def test_files_that_are_no_source(tmp_path: Path, data: bytes, message: str) -> None:
    """The error names the file, what is wrong with it and what to do."""
    path = write_bytes(tmp_path / "a.py", data)
    with pytest.raises(TargetError, match=message) as caught:
        read_document(path)
    assert str(path) in str(caught.value)
    assert caught.value.remedy


def test_a_file_at_the_limit_is_read(tmp_path: Path) -> None:
    """The limit itself is allowed."""
    path = write_bytes(tmp_path / "a.txt", b"x" * SIZE_LIMIT)
    assert len(read_document(path).text) == SIZE_LIMIT


def test_what_is_not_there_or_no_file(tmp_path: Path) -> None:
    """A missing path, a folder and an impossible name are told apart."""
    with pytest.raises(TargetError, match="cannot be read: no such file"):
        read_document(tmp_path / "missing.py")
    with pytest.raises(TargetError, match="is a folder"):
        read_document(tmp_path)
    with pytest.raises(TargetError, match="cannot be read"):
        read_document(tmp_path / "nul\0l.py")


@posix
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    """A named pipe is refused at once, as reading it would hang."""
    path = tmp_path / "pipe.py"
    os.mkfifo(path)
    with pytest.raises(TargetError, match="is not a regular file"):
        read_document(path)


def test_a_file_that_changed_meanwhile_is_left_alone(tmp_path: Path) -> None:
    """What someone else wrote since it was read is never overwritten."""
    path = write_bytes(tmp_path / "a.py", b"one\n")
    document = read_document(path)
    path.write_bytes(b"two\n")
    with pytest.raises(TargetError, match="has changed since it was read; nothing was written"):
        replace_text(path, "three\n", digest=document.digest)
    assert path.read_bytes() == b"two\n"
    path.unlink()
    with pytest.raises(TargetError, match="cannot be read"):
        replace_text(path, "three\n", digest=document.digest)
    assert not path.exists()


@posix
def test_a_link_is_followed_and_permissions_stay(tmp_path: Path) -> None:
    """The file behind a link is replaced, the link stays a link, and a script stays executable."""
    (tmp_path / "real").mkdir()
    real = write_bytes(tmp_path / "real" / "tool.py", b"one\n")
    real.chmod(0o750)
    link = tmp_path / "link.py"
    link.symlink_to(real)
    document = read_document(link)
    replace_text(link, "two\n", digest=document.digest)
    assert link.is_symlink()
    assert real.read_bytes() == b"two\n"
    assert stat.S_IMODE(real.stat().st_mode) == 0o750
    assert [path.name for path in real.parent.iterdir()] == ["tool.py"]


@pytest.mark.skipif(not hasattr(os, "setxattr"), reason="needs extended attributes")
def test_extended_attributes_and_all_mode_bits_stay(tmp_path: Path) -> None:
    """Access lists are extended attributes, too; the time of change is that of the change."""
    path = write_bytes(tmp_path / "tool.py", b"one\n")
    path.chmod(0o4750)
    try:
        os.setxattr(path, "user.codefare", b"kept")
    except OSError:
        pytest.skip("this file system has no extended attributes")
    os.utime(path, (0, 0))
    replace_text(path, "two\n", digest=read_document(path).digest)
    assert os.getxattr(path, "user.codefare") == b"kept"
    assert stat.S_IMODE(path.stat().st_mode) == 0o4750
    assert path.stat().st_mtime > 0


def test_what_is_saved_at_the_last_moment_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is compared once more when the new content is on the disk, which may take a while."""
    path = write_bytes(tmp_path / "a.py", b"one\n")
    document = read_document(path)
    monkeypatch.setattr(os, "fsync", lambda _: path.write_bytes(b"typed\n"))
    with pytest.raises(TargetError, match="has changed since"):
        replace_text(path, "two\n", digest=document.digest)
    assert path.read_bytes() == b"typed\n"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the disk is full the old content is still there, and nothing else is."""
    path = write_bytes(tmp_path / "a.py", b"one\n")
    document = read_document(path)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(TargetError, match="cannot be written: no space left") as caught:
        replace_text(path, "two\n", digest=document.digest)
    assert caught.value.remedy
    assert path.read_bytes() == b"one\n"
    assert list(tmp_path.iterdir()) == [path]


def test_half_a_character_is_not_written(tmp_path: Path) -> None:
    """Text that UTF-8 cannot hold is refused before anything is touched."""
    path = write_bytes(tmp_path / "a.py", b"one\n")
    document = read_document(path)
    with pytest.raises(TargetError, match="holds half a character"):
        replace_text(path, "\ud83d", digest=document.digest)
    with pytest.raises(TargetError, match="holds half a character"):
        create_text(tmp_path / "b.py", "\ud83d", within=[tmp_path])
    assert path.read_bytes() == b"one\n"
    assert list(tmp_path.iterdir()) == [path]


def test_a_new_file_gets_its_folders(tmp_path: Path) -> None:
    """A new file is written as it is, with the folders it needs."""
    path = tmp_path / "tests" / "unit" / "test_a.py"
    create_text(path, "a\r\nb\n", within=[tmp_path])
    assert path.read_bytes() == b"a\r\nb\n"


def test_a_new_file_replaces_nothing(tmp_path: Path) -> None:
    """A file that is there stays, even an empty one, and so does a link to nowhere."""
    path = write_bytes(tmp_path / "a.py", b"")
    with pytest.raises(TargetError, match="exists already; nothing was written"):
        create_text(path, "x", within=[tmp_path])
    assert path.read_bytes() == b""
    if sys.platform != "win32":
        link = tmp_path / "link.py"
        link.symlink_to(tmp_path / "nowhere.py")
        with pytest.raises(TargetError, match="exists already"):
            create_text(link, "x", within=[tmp_path])
        assert not (tmp_path / "nowhere.py").exists()
    with pytest.raises(TargetError, match="cannot be written"):
        create_text(path / "below_a_file.py", "x", within=[tmp_path])
