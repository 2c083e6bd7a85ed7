"""Uncommitted changes: what is shown of them, and what a hostile repository cannot do."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from codefare.errors import TargetError
from codefare.project.diff import MOST_CHARACTERS, Diff, Place, uncommitted
from codefare.settings import Privacy, Settings
from codefare.tasks.surroundings import Surroundings

IDENTITY = {
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.org",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}
Git = Callable[..., str]


def git(folder: Path, *arguments: str) -> str:
    """What git prints in a folder."""
    done = subprocess.run(
        ["git", *arguments],  # noqa: S607 - the git that the code under test finds, too
        cwd=folder,
        env=os.environ | IDENTITY,
        capture_output=True,
        text=True,
        check=True,
        stdin=subprocess.DEVNULL,
    )
    return done.stdout


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one commit of one file, whose folder's name holds a space."""
    root = tmp_path / "a project"
    root.mkdir()
    git(root, "init", "--quiet", "--initial-branch=main")
    write(root / "shop.py", "def price(x):\n    return x\n\n\ndef tax(x):\n    return x * 2\n")
    commit(root)
    return root


def write(path: Path, text: str | bytes) -> Path:
    """A file with exactly that content."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def commit(root: Path) -> None:
    """All of the working tree as a commit."""
    git(root, "add", "--all", "--force")
    git(root, "commit", "--quiet", "--message=x", "--allow-empty")


def program(path: Path, mark: Path) -> str:
    """A program that leaves `mark` behind when something runs it, as configuration names it."""
    write(path, f"#!{sys.executable}\nopen({str(mark)!r}, 'w').close()\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def shown(diff: Diff) -> dict[str, str]:
    """Path and status of each file."""
    return {one.path: one.status for one in diff.files}


def left_out(diff: Diff) -> dict[str, str]:
    """Path and reason of each file that is not shown."""
    return {one.path: one.reason for one in diff.left_out}


def test_staged_unstaged_and_new_files_are_shown(repository: Path) -> None:
    """The changes since the last commit, whichever way git knows them."""
    write(
        repository / "shop.py",
        "def price(x):\n    return x + 1\n\n\ndef tax(x):\n    return x * 2\n",
    )
    git(repository, "add", "shop.py")
    write(
        repository / "shop.py",
        "def price(x):\n    return x + 1\n\n\ndef tax(x):\n    return x * 3\n",
    )
    write(repository / "new.py", "a = 1\nb = 2")
    diff = uncommitted(repository)
    assert diff.root == repository.resolve()
    assert shown(diff) == {"shop.py": "modified", "new.py": "untracked"}
    assert diff.text == (
        "=== shop.py (modified)\n"
        "@@ -1,6 +1,6 @@\n"
        " def price(x):\n"
        "-    return x\n"
        "+    return x + 1\n"
        " \n"
        " \n"
        " def tax(x):\n"
        "-    return x * 2\n"
        "+    return x * 3\n"
        "=== new.py (untracked)\n"
        "@@ -0,0 +1,2 @@\n"
        "+a = 1\n"
        "+b = 2\n"
        "\\ No newline at end of file"
    )


def test_nothing_changed_is_an_empty_diff(repository: Path) -> None:
    """A clean working tree has no files and no text."""
    diff = uncommitted(repository)
    assert (diff.files, diff.left_out, diff.text) == ((), (), "")


def test_before_the_first_commit_all_is_new(tmp_path: Path) -> None:
    """Staged files are added, the others are not known yet."""
    git(tmp_path, "init", "--quiet")
    write(tmp_path / "a.py", "a = 1\n")
    write(tmp_path / "b.py", "b = 1\n")
    git(tmp_path, "add", "a.py")
    assert shown(uncommitted(tmp_path)) == {"a.py": "added", "b.py": "untracked"}


def test_renames_deletions_modes_and_empty_files_have_their_names(repository: Path) -> None:
    """Each is told with what happened to it."""
    for name in ("gone.py", "moved.py", "tool.py"):
        write(repository / name, f"# {name}\n" + "x = 1\n" * 9)
    commit(repository)
    (repository / "gone.py").unlink()
    git(repository, "mv", "moved.py", "elsewhere.py")
    (repository / "tool.py").chmod(0o755)
    write(repository / "empty.py", "")
    git(repository, "add", "empty.py")
    diff = uncommitted(repository)
    assert shown(diff) == {
        "gone.py": "deleted",
        "elsewhere.py": "renamed",
        "tool.py": "mode changed",
        "empty.py": "added",
    }
    assert [one.old_path for one in diff.files if one.status == "renamed"] == ["moved.py"]
    assert "=== elsewhere.py (renamed from moved.py)" in diff.text


@pytest.mark.parametrize(
    "name",
    [
        "with space.py",
        'with "quotes".py',
        "back\\slash.py",
        "tab\there.py",
        "line\nbreak.py",
        "grüße-日本.py",
        "-dash.py",
        "space at its end.py ",
        ":colon.py",
        "*.py",
        "a b/and a/b.py",
        os.fsdecode(b"latin-\xe9.py"),
    ],
)
def test_any_name_is_read_as_it_is(repository: Path, name: str) -> None:
    """Spaces, quotes, escapes, letters of all kinds, and what looks like an option or a pattern."""
    write(repository / name, "a = 1\n")
    assert [one.path for one in uncommitted(repository).files] == [name]
    commit(repository)
    write(repository / name, "a = 2\n")
    diff = uncommitted(repository)
    assert shown(diff) == {name: "modified"}
    assert diff.place("a = 2", name) == Place(name, 1, "a = 2")
    assert diff.text.isprintable() or diff.text.replace("\n", "").isprintable()
    assert len(diff.text.split("\n")) == 4
    (repository / name).chmod(0o755)
    git(repository, "checkout", "--quiet", "HEAD", "--", ".")
    (repository / name).chmod(0o755)
    assert shown(uncommitted(repository)) == {name: "mode changed"}


def test_line_ends_and_odd_characters_stay_in_their_lines(repository: Path) -> None:
    """A carriage return, a form feed or a Unicode line separator ends no line."""
    write(repository / "shop.py", "one\r\ntwo\r\n\x0cthree\u2028still three\r\n")
    diff = uncommitted(repository)
    assert diff.place("three\u2028still three") == Place(
        "shop.py", 3, "\x0cthree\u2028still three\r"
    )
    assert diff.place("two") == Place("shop.py", 2, "two\r")


def test_text_that_is_not_utf8_is_shown_all_the_same(repository: Path) -> None:
    """What cannot be decoded is replaced."""
    write(repository / "shop.py", b"# caf\xe9\n")
    assert "+# caf\ufffd" in uncommitted(repository).text


def test_what_may_not_be_sent_is_left_out_and_named(repository: Path) -> None:
    """Secrets, binary files, what the settings keep back; with the reason for each."""
    write(repository / "logo.png", b"\x89PNG\0")
    write(repository / "secret.txt", "old\n")
    commit(repository)
    write(repository / "logo.png", b"\x89PNG\0\0")
    write(repository / "new.png", b"\0")
    write(repository / ".env.local", "PASSWORD=1\n")
    write(repository / "certs/server.pem", "x\n")
    write(repository / "Private/a.py", "x = 1\n")
    write(repository / "never.py", "x = 1\n")
    git(repository, "mv", "secret.txt", "open.txt")
    (repository / "link").symlink_to("/etc/hostname")
    diff = uncommitted(
        repository,
        is_never=lambda path: path == repository.resolve() / "never.py",
        is_private=lambda path: "Private" in path.parts,
    )
    assert diff.files == ()
    assert left_out(diff) == {
        ".env.local": "may hold secrets",
        "Private/a.py": "private, by your settings or git's exclude files",
        "certs/server.pem": "may hold secrets",
        "link": "a link or no regular file",
        "logo.png": "binary",
        "never.py": "kept from every model, by your settings or a .codefareignore",
        "new.png": "binary",
        "open.txt": "may hold secrets",
    }
    assert "PASSWORD" not in diff.text
    assert "Not shown: .env.local (may hold secrets)" in diff.text


def test_a_folder_shows_its_own_changes_only(repository: Path) -> None:
    """What lies beside the folder is not the user's question."""
    write(repository / "one/a.py", "a = 1\n")
    write(repository / "two/b.py", "b = 1\n")
    write(repository / "shop.py", "")
    assert shown(uncommitted(repository / "one")) == {"one/a.py": "untracked"}


def test_a_diff_has_a_bound(repository: Path) -> None:
    """What does not fit is named; what comes after it and fits is shown."""
    write(repository / "a.py", "x = 1\n" * 100)
    write(repository / "b.txt", "word " * MOST_CHARACTERS)
    write(repository / "c.py", "y = 1\n")
    assert left_out(uncommitted(repository)) == {"b.txt": "too long"}
    git(repository, "add", "--all")
    diff = uncommitted(repository)
    assert shown(diff) == {"a.py": "added", "c.py": "added"}
    assert left_out(diff) == {"b.txt": "too long"}
    assert left_out(uncommitted(repository, limit=100)) == {"a.py": "too long", "b.txt": "too long"}


def test_a_submodule_is_shown_by_its_commits(repository: Path, tmp_path: Path) -> None:
    """What changed inside of it is its own affair; its own changes can be asked for."""
    inner = tmp_path / "inner"
    inner.mkdir()
    git(inner, "init", "--quiet")
    write(inner / "a.py", "a = 1\n")
    commit(inner)
    git(
        repository,
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "--quiet",
        "add",
        str(inner),
        "sub",
    )
    commit(repository)
    write(repository / "sub/a.py", "a = 2\n")
    assert uncommitted(repository).files == ()
    assert shown(uncommitted(repository / "sub")) == {"a.py": "modified"}
    commit(repository / "sub")
    diff = uncommitted(repository)
    assert shown(diff) == {"sub": "modified"}
    assert "+Subproject commit" in diff.text


def test_a_worktree_and_a_conflict_have_changes_too(repository: Path, tmp_path: Path) -> None:
    """A second working tree compares with its own branch, and an unfinished merge is shown as it stands."""
    tree = tmp_path / "tree"
    git(repository, "worktree", "add", "--quiet", "-b", "other", str(tree))
    write(tree / "shop.py", "theirs\n")
    assert shown(uncommitted(tree)) == {"shop.py": "modified"}
    commit(tree)
    write(repository / "shop.py", "ours\n")
    commit(repository)
    with pytest.raises(subprocess.CalledProcessError):
        git(repository, "merge", "--quiet", "other")
    diff = uncommitted(repository)
    assert shown(diff) == {"shop.py": "modified"}
    assert "+<<<<<<< HEAD" in diff.text


def test_no_repository_is_said_with_what_to_do(tmp_path: Path) -> None:
    """A folder outside of any repository has no changes to review."""
    with pytest.raises(TargetError, match="is in no git repository") as raised:
        uncommitted(tmp_path)
    assert "git init" in raised.value.remedy


def test_no_git_is_said_with_what_to_do(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the program, or with one that the repository brings along, nothing is run."""
    mark = repository / "ran"
    program(repository / "bin" / "git", mark)
    monkeypatch.setenv("PATH", str(repository / "bin"))
    with pytest.raises(TargetError, match="There is no git") as raised:
        uncommitted(repository)
    assert raised.value.remedy.startswith("Install git")
    assert not mark.exists()


def test_a_git_that_hangs_is_given_up(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time of all that git does has an end, also where it left a process behind that holds its output."""
    fake = tmp_path / "bin" / "git"
    write(fake, "#!/bin/sh\nsleep 600 & sleep 600\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake.parent}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(TargetError, match="takes too long"):
        uncommitted(repository, timeout=0.3)


def test_a_broken_repository_is_said(repository: Path) -> None:
    """Git's own words, without its prefix."""
    write(repository / ".git/HEAD", "rubbish\n")
    with pytest.raises(TargetError, match=r"git failed in .*not a git repository"):
        uncommitted(repository)


def test_a_hostile_configuration_runs_nothing(repository: Path, tmp_path: Path) -> None:
    """Watchers, diff programs, text conversion, filters, hooks and pagers of the repository stay unused."""
    mark = tmp_path / "ran"
    evil = program(tmp_path / "evil", mark)
    write(repository / ".gitattributes", "*.py diff=x filter=a=b\n*.txt filter=y\n")
    write(repository / "words.txt", "one\n")
    write(repository / "untouched.py", "same = 1\n")
    commit(repository)
    for key in (
        "core.fsmonitor",
        "core.pager",
        "pager.diff",
        "core.sshCommand",
        "core.askPass",
        "core.editor",
        "diff.external",
        "diff.x.command",
        "diff.x.textconv",
        "filter.a=b.clean",
        "filter.a=b.process",
        "filter.a=b.smudge",
        "filter.y.clean",
        "alias.diff",
    ):
        git(repository, "config", key, evil if not key.startswith("alias") else f"!{evil}")
    git(repository, "config", "filter.y.required", "true")
    git(repository, "config", "core.hooksPath", str(tmp_path / "hooks"))
    for hook in ("post-index-change", "fsmonitor-watchman", "pre-auto-gc"):
        program(tmp_path / "hooks" / hook, mark)
        program(repository / ".git/hooks" / hook, mark)
    write(repository / "shop.py", "changed = 1\n")
    write(repository / "words.txt", "two\n")
    write(repository / "other.txt", "three\n")
    os.utime(repository / "untouched.py", (1, 1))  # the index could be told that it is the same
    index = (repository / ".git/index").read_bytes()
    diff = uncommitted(repository)
    assert shown(diff) == {"shop.py": "modified", "words.txt": "modified", "other.txt": "untracked"}
    assert "+changed = 1" in diff.text
    assert not mark.exists()
    assert (repository / ".git/index").read_bytes() == index
    with pytest.raises(subprocess.CalledProcessError):
        git(repository, "diff", "HEAD")  # the programs are not there for nothing
    assert mark.exists()


def test_a_submodule_cannot_bring_programs_along(repository: Path, tmp_path: Path) -> None:
    """Git looks into submodules with their own configuration: it is not asked to."""
    mark = tmp_path / "ran"
    inner = repository / "sub"
    inner.mkdir()
    git(inner, "init", "--quiet")
    write(inner / "a.py", "a = 1\n")
    commit(inner)
    git(repository, "add", "sub")
    git(repository, "commit", "--quiet", "--message=x")
    git(inner, "config", "core.fsmonitor", program(tmp_path / "evil", mark))
    write(inner / "a.py", "a = 2\n")
    assert uncommitted(repository).files == ()
    assert not mark.exists()


def test_a_partial_clone_fetches_nothing(repository: Path, tmp_path: Path) -> None:
    """What is missing is an error, not a reason to run a transport."""
    mark = tmp_path / "ran"
    evil = program(tmp_path / "evil", mark)
    blob = git(repository, "rev-parse", "HEAD:shop.py").strip()
    (repository / ".git/objects" / blob[:2] / blob[2:]).unlink()
    for key, value in (
        ("core.repositoryFormatVersion", "1"),
        ("extensions.partialClone", "origin"),
        ("remote.origin.url", f"ext::{evil}"),
        ("remote.origin.promisor", "true"),
        ("protocol.ext.allow", "always"),
    ):
        git(repository, "config", key, value)
    write(repository / "shop.py", "changed = 1\n")
    with pytest.raises(TargetError, match="git failed"):
        uncommitted(repository)
    assert not mark.exists()


def test_files_of_elsewhere_are_not_shown_as_changes(repository: Path, tmp_path: Path) -> None:
    """Neither a working tree nor a history that the configuration places elsewhere is read."""
    home = tmp_path / "home"
    write(home / "shop.py", "password = 1\n")
    git(repository, "config", "core.worktree", str(home))
    assert uncommitted(repository).text == ""
    other = tmp_path / "other"
    other.mkdir()
    write(other / ".git", f"gitdir: {repository / '.git'}\n")
    with pytest.raises(TargetError, match="belongs to another folder"):
        uncommitted(other)
    linked = tmp_path / "linked"
    linked.mkdir()
    (linked / ".git").symlink_to(repository / ".git")
    with pytest.raises(TargetError, match="belongs to another folder"):
        uncommitted(linked)


def test_the_environment_does_not_lead_astray(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Variables of git's that a surrounding git command set do not count."""
    mark = tmp_path / "ran"
    monkeypatch.setenv("GIT_DIR", str(tmp_path))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", program(tmp_path / "evil", mark))
    (repository / "shop.py").write_text("a = 1\n")
    assert shown(uncommitted(repository)) == {"shop.py": "modified"}
    assert not mark.exists()


def test_a_finding_is_placed_in_the_new_text(repository: Path) -> None:
    """By its words, whatever its indentation or sign; changed lines first, then the nearest."""
    lines = [f"line {n}" for n in range(40)]
    lines[8] = "same()"
    write(repository / "a.py", "\n".join(lines) + "\n")
    commit(repository)
    lines[10:12] = ["    same()", "    new()"]
    lines[30] = "same()"
    del lines[35]
    write(repository / "a.py", "\n".join(lines) + "\n")
    write(repository / "b.py", "other()\nsame()\n")
    diff = uncommitted(repository)
    assert diff.place("new()") == Place("a.py", 12, "    new()")
    assert diff.place("+    new()") == Place("a.py", 12, "    new()")
    assert diff.place("same()\n  new()", "a.py") == Place("a.py", 11, "    same()")
    assert diff.place("same()", "a.py") == Place("a.py", 11, "    same()")
    assert diff.place("same()", "a.py", near=29) == Place("a.py", 31, "same()")
    assert diff.place("same()", "./b.py") == Place("b.py", 2, "same()")
    assert diff.place("other()", "wrong.py") == Place("b.py", 1, "other()")
    assert diff.place("line 9") == Place("a.py", 10, "line 9")
    assert diff.place("line 35") == Place("a.py", 36, "line 35")
    assert diff.place("nowhere") is None
    assert diff.place("  \n") is None


def test_what_codefareignore_names_is_left_out_though_git_tracks_it(repository: Path) -> None:
    """Git knows nothing of such files: what they name is in no diff that a model sees."""
    write(repository / ".codefareignore", "prices/\n")
    write(repository / "prices/table.py", "LIST = 1\n")
    write(repository / "shop.py", "")
    commit(repository)
    write(repository / "prices/table.py", "LIST = 2\n")
    write(repository / "shop.py", "x = 1\n")
    around = Surroundings(Settings(roots=(repository,)))
    text = around.look_for_changes(repository).document.text
    assert "LIST" not in text
    assert "Not shown: prices/table.py (kept from every model" in text
    assert "+x = 1" in text


def test_what_the_users_exclude_file_names_is_left_out_though_git_tracks_it(
    repository: Path,
) -> None:
    """As it is of the file itself, for all but one's own servers; a .gitignore means nothing that is tracked."""
    write(repository / ".gitignore", "made.py\n")
    for name in ("mine.py", "made.py"):
        write(repository / name, "")
    commit(repository)
    write(repository / ".git/info/exclude", "mine.py\n")
    write(repository / "mine.py", "MINE = 1\n")
    write(repository / "made.py", "MADE = 1\n")

    def changes(**privacy: Any) -> str:
        around = Surroundings(Settings(privacy=Privacy(**privacy), roots=(repository,)))
        return around.look_for_changes(repository).document.text

    assert "+MADE = 1" in changes()
    assert "MINE" not in changes()
    assert "Not shown: mine.py (private" in changes()
    assert "+MINE = 1" in changes(allow=("mine.py",))
    assert "+MINE = 1" in changes(self_hosted_only=True)
