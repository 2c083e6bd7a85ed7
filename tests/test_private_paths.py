from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from codefare.settings import Privacy, Settings

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace."""
    folder = tmp_path / "work space" / "project"
    folder.mkdir(parents=True)
    return folder


def private(*patterns: str, roots: tuple[Path, ...] = ()) -> Settings:
    """Settings with these patterns of private files."""
    return Settings(privacy=Privacy(paths=patterns), roots=roots)


@pytest.mark.parametrize(
    ("patterns", "path", "expected"),
    [
        (("secrets/",), "secrets/a.py", True),
        (("secrets/",), "src/secrets/deep/a.py", True),
        (("secrets/",), "secrets.py", False),
        (("secrets/",), "src/a.py", False),
        (("*.pem",), "keys/server.pem", True),
        (("/build",), "build/a.py", True),
        (("/build",), "src/build/a.py", False),
        (("src/*/keys.py",), "src/x/keys.py", True),
        (("src/*/keys.py",), "src/x/y/keys.py", False),
        (("**/internal/**",), "a/internal/b.py", True),
        (("*.py", "!public.py"), "public.py", False),
        (("*.py", "!/keep.py"), "keep.py", False),
        (("*.py", "!/keep.py"), "other.py", True),
        (("*", "!/docs/**"), "docs/a.md", False),
        (("*", "!/docs/**"), "src/a.py", True),
        (("a b/",), "a b/c.py", True),
        (("caf\u00e9/",), "cafe\u0301/a.py", True),
        ((), "secrets/a.py", False),
    ],
)
def test_patterns_are_those_of_gitignore_from_the_root(
    root: Path, patterns: tuple[str, ...], path: str, *, expected: bool
) -> None:
    """What a user knows from .gitignore holds, also where a folder above the root has another name."""
    assert private(*patterns, roots=(root,)).is_private(root / path) is expected


def test_never_is_a_list_of_its_own(root: Path) -> None:
    """A file that no action works on is not merely a private one."""
    settings = Settings(privacy=Privacy(paths=("a/",), never=("b/",)), roots=(root,))
    assert (settings.is_private(root / "a/x"), settings.is_never(root / "a/x")) == (True, False)
    assert (settings.is_private(root / "b/x"), settings.is_never(root / "b/x")) == (False, True)


def test_self_hosted_only_makes_everything_private(root: Path) -> None:
    """Files, and text that has no file yet."""
    settings = Settings(privacy=Privacy(self_hosted_only=True))
    assert settings.is_private(root / "a.py")
    assert settings.is_private(None)
    assert not settings.is_never(root / "a.py")
    assert not private("*").is_private(None)


@pytest.mark.parametrize("opened", ["secrets", "secrets/deep"])
@pytest.mark.parametrize(
    "pattern", ["secrets/", "secrets", "secrets/**", "**/secrets/", "*crets", "secrets/deep/*.py"]
)
def test_opening_a_private_folder_does_not_uncover_it(
    root: Path, opened: str, pattern: str
) -> None:
    """What is private in the project stays so when a folder of it is the workspace."""
    assert private(pattern, roots=(root / opened,)).is_private(root / "secrets/deep/a.py")


def test_a_file_outside_of_the_workspace_is_private_if_any_folder_makes_it_so(
    root: Path, tmp_path: Path
) -> None:
    """Where nobody can tell the root, a pattern is given the benefit of the doubt."""
    settings = private("/secrets/*.py", roots=(root,))
    assert settings.is_private(tmp_path / "else/secrets/a.py")
    assert not settings.is_private(tmp_path / "else/a.py")
    assert private("secrets/").is_private(root / "secrets/a.py")


def test_settings_are_told_the_workspace(root: Path) -> None:
    """The same settings serve any workspace, and stay as they are."""
    settings = private("/keys")
    here = settings.with_roots([root])
    assert not here.is_private(root / "src/keys/a")
    assert settings.is_private(root / "src/keys/a")


def test_each_root_of_a_workspace_counts(root: Path, tmp_path: Path) -> None:
    """A workspace may have several folders, one inside another."""
    settings = private("/keys", roots=(root, tmp_path / "other"))
    assert settings.is_private(root / "keys/a")
    assert settings.is_private(tmp_path / "other/keys/a")
    assert not settings.is_private(root / "src/keys/a")


def test_absolute_patterns(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pattern may be an absolute path, or begin in the user's home, whatever the root."""
    assert private(str(tmp_path / "vault"), roots=(root,)).is_private(tmp_path / "vault/a/b.py")
    assert private(f"{tmp_path}/v*/", roots=(root,)).is_private(tmp_path / "vault/a/b.py")
    assert not private(str(tmp_path / "vault"), roots=(root,)).is_private(root / "a.py")
    home = tmp_path / "home [of] a user*"
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    assert private("~/clients/", roots=(root,)).is_private(home / "clients/a.py")
    assert not private("~/clients/", roots=(root,)).is_private(home / "others/a.py")
    assert not private("~/*", "!~/open/**").is_private(home / "open/a.py")


def test_a_windows_path_is_absolute(root: Path) -> None:
    """A drive letter is not a pattern of names, with either kind of slash."""
    from codefare.settings import patterns

    for written in (r"C:\Users\me\vault", "C:/Users/me/vault"):
        compiled = patterns._compiled((written,))
        assert compiled.absolute.match_file("C:/Users/me/vault/a.py")
        assert not compiled.relative.patterns


@pytest.mark.skipif(os.name != "posix", reason="making links takes rights on Windows")
class TestLinks:
    """A link does not lead out of privacy."""

    def test_a_link_into_a_private_folder_is_private(self, root: Path) -> None:
        """Neither a file nor a folder that is a link hides what it points to."""
        (root / "secrets").mkdir()
        (root / "secrets/a.py").touch()
        (root / "harmless.py").symlink_to(root / "secrets/a.py")
        (root / "folder").symlink_to(root / "secrets")
        settings = private("/secrets/", roots=(root,))
        assert settings.is_private(root / "harmless.py")
        assert settings.is_private(root / "folder/a.py")
        assert settings.is_private(root / "folder/new.py")
        assert settings.is_private(root / "src/../secrets/a.py")

    def test_a_link_in_a_private_folder_is_private(self, root: Path) -> None:
        """Also the other way: the name it was opened by counts."""
        (root / "secrets").mkdir()
        (root / "a.py").touch()
        (root / "secrets/a.py").symlink_to(root / "a.py")
        assert private("/secrets/", roots=(root,)).is_private(root / "secrets/a.py")
        assert not private("/secrets/", roots=(root,)).is_private(root / "a.py")

    def test_a_root_that_is_a_link_is_both(self, root: Path, tmp_path: Path) -> None:
        """An editor may name the files of a linked workspace by either path."""
        (tmp_path / "link").symlink_to(root)
        settings = private("/keys/", roots=(tmp_path / "link",))
        assert settings.is_private(tmp_path / "link/keys/a")
        assert settings.is_private(root / "keys/a")
        assert not settings.is_private(root / "src/keys/a")

    def test_an_absolute_pattern_may_lead_over_a_link(self, root: Path, tmp_path: Path) -> None:
        """An editor that resolves links itself names the file by a path that the pattern has not."""
        (tmp_path / "vault").symlink_to(root)
        for pattern in ("vault", "vault/*.py", "vault/"):
            assert private(f"{tmp_path}/{pattern}").is_private(root / "a.py")

    def test_a_circle_of_links_is_private(self, root: Path) -> None:
        """Where nobody can tell what a file is, it does not leave the machine."""
        (root / "a").symlink_to(root / "b")
        (root / "b").symlink_to(root / "a")
        assert private("secrets/", roots=(root,)).is_private(root / "a")
        assert not private(roots=(root,)).is_private(root / "a")
