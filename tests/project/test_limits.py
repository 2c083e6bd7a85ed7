"""Which models may see a file: ignore files, the list of files with secrets, and what the user allows."""

from __future__ import annotations

import ast
import os
import subprocess
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest

import codefare
from codefare.assembly import assemble
from codefare.project.files import find_files, is_left_out
from codefare.project.limits import Paths
from codefare.quoting import Quote, Server, Wish
from codefare.settings import Privacy, Settings
from codefare.source.document import Document
from codefare.source.target import Complexity, Span

SERVER = Path(codefare.__file__).parent


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository, and a user with a home of his own."""
    home = tmp_path / "person"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    root = tmp_path / "project"
    (root / ".git" / "info").mkdir(parents=True)
    return root


def run(*arguments: str) -> str:
    """What git prints."""
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    done = subprocess.run(["git", *who, *arguments], capture_output=True, text=True, check=True)  # noqa: S607  git of the path
    return done.stdout


def settings(root: Path, *allow: str) -> Settings:
    """Settings for the repository that allow these patterns."""
    return Settings(privacy=Privacy(allow=allow), roots=(root,))


def limit(root: Path, name: str, *allow: str) -> str | None:
    """What is said of a file, with who may see it first."""
    found = Paths().limit(root / name, settings(root, *allow))
    return None if found is None else f"{'none' if found.closed else 'own'}: {found.reason}"


def test_what_git_ignores_goes_to_self_hosted_models(root: Path) -> None:
    """The message names the file and the line of the rule, and what the user can do."""
    (root / ".gitignore").write_text("# ours\n*.log\nlocal_*.py\n!local_but_kept.py\n")
    assert limit(root, "src/local_a.py") == (
        "own: local_a.py is ignored by .gitignore, line 3:"
        " for self-hosted models only, or `allow` it in config.toml"
    )
    assert limit(root, "src/local_but_kept.py") is None
    assert limit(root, "src/a.py") is None
    assert limit(root, "src/local_a.py", "local_a.py") is None


def test_every_place_of_gits_rules_counts(root: Path, tmp_path: Path) -> None:
    """A folder's own file, the repository's exclude file, the user's, at its usual place or another; in this order."""
    (root / "src").mkdir()
    (root / "src" / ".gitignore").write_text("!back.py\ndeep/\n")
    (root / ".git" / "info" / "exclude").write_text("mine.py\nback.py\n")
    (tmp_path / "person" / ".config" / "git").mkdir(parents=True)
    (tmp_path / "person" / ".config" / "git" / "ignore").write_text("usual.py\n")
    assert "src/.gitignore, line 2" in (limit(root, "src/deep/a.py") or "")
    assert ".git/info/exclude, line 1" in (limit(root, "src/mine.py") or "")
    assert limit(root, "src/back.py") is None
    assert "git/ignore, line 1" in (limit(root, "usual.py") or "")
    (tmp_path / "person" / ".gitconfig").write_text("[core]\n\texcludesFile = ~/elsewhere\n")
    (tmp_path / "person" / "elsewhere").write_text("other.py\n")
    assert limit(root, "usual.py") is None
    assert "elsewhere, line 1" in (limit(root, "other.py") or "")


def test_a_worktree_has_the_rules_of_its_repository(root: Path, tmp_path: Path) -> None:
    """What `.git/info/exclude` says counts in each working tree, as git does it; `.git` is a file there."""
    run("init", "-q", str(root))
    run("-C", str(root), "commit", "-q", "--allow-empty", "-m", "a")
    (root / ".git" / "info" / "exclude").write_text("mine.py\n")
    tree = tmp_path / "tree"
    run("-C", str(root), "worktree", "add", "-q", str(tree))
    (tree / "mine.py").touch()
    assert run("-C", str(tree), "check-ignore", "mine.py") == "mine.py\n"
    assert "exclude, line 1" in (limit(tree, "mine.py") or "")
    assert limit(tree, "other.py") is None


CONFIGS = {
    "plain": "[core]\n\texcludesfile = {file}\n",
    "on one line": "[core] excludesFile={file} ; mine\n",
    "quoted": '[user]\n\tname = x\n[core]\n\texcludesFile = "{file}" # mine\n',
    "included": "[include]\n\tpath = ../more\n",
    "included where it fits": '[includeIf "gitdir:/"]\n\tpath = ../more\n',
}


@pytest.mark.parametrize("written", list(CONFIGS))
@pytest.mark.parametrize("whose", ["the user's", "the repository's"])
def test_the_users_exclude_file_is_found_as_git_finds_it(
    root: Path, tmp_path: Path, written: str, whose: str
) -> None:
    """However `core.excludesFile` is written, in the user's configuration or in the repository's."""
    run("init", "-q", str(root))
    file = tmp_path / "person" / "my excludes"
    file.write_text("mine.py\n")
    home = tmp_path / "person"
    config = home / ".config" / "git" / "config" if whose == "the user's" else root / ".git/config"
    config.parent.mkdir(parents=True, exist_ok=True)
    with config.open("a") as more:
        more.write(CONFIGS[written].format(file=file))
    (config.parent.parent / "more").write_text(CONFIGS["plain"].format(file=file))
    assert run("-C", str(root), "check-ignore", "mine.py") == "mine.py\n"
    assert "my excludes, line 1" in (limit(root, "mine.py") or "")


def test_a_configuration_that_includes_itself_has_an_end(root: Path, tmp_path: Path) -> None:
    """Git gives up on it; what it says before that counts."""
    home = tmp_path / "person"
    (home / ".gitconfig").write_text(
        "[core]\n\texcludesFile = ~/mine\n[include]\n\tpath = .gitconfig\n"
    )
    (home / "mine").write_text("mine.py\n")
    assert "mine, line 1" in (limit(root, "mine.py") or "")


def test_what_git_tracks_is_not_ignored_by_the_projects_rules(root: Path) -> None:
    """As git does it. What the user's own rules name stays private, and what holds secrets, too."""
    run("init", "-q", str(root))
    (root / ".gitignore").write_text("gen_*.py\n*.env\n")
    for name in ("gen_a.py", "gen_b.py", "b.env", "mine.py", "größe gen_c.py"):
        (root / name).touch()
    run("-C", str(root), "add", "-f", "gen_a.py", "b.env", "mine.py", "größe gen_c.py")
    (root / ".git" / "info" / "exclude").write_text("mine.py\n*c.py\n")
    assert limit(root, "gen_a.py") is None
    assert "ignored by .gitignore, line 1" in (limit(root, "gen_b.py") or "")
    assert "looks like a file with secrets" in (limit(root, "b.env") or "")
    assert "exclude, line 1" in (limit(root, "mine.py") or "")


def test_what_is_being_merged_is_tracked(root: Path) -> None:
    """In a conflict git lists a file once for each side: it is the same file all the same."""
    run("init", "-q", "-b", "ours", str(root))
    (root / ".gitignore").write_text("gen_*.py\n")
    changed = root / "gen_a.py"
    changed.write_text("a = 0\n")
    run("-C", str(root), "add", "-f", "gen_a.py")
    run("-C", str(root), "commit", "-q", "-m", "a")
    run("-C", str(root), "branch", "theirs")
    for branch, text in (("theirs", "a = 1\n"), ("ours", "a = 2\n")):
        run("-C", str(root), "checkout", "-q", branch)
        changed.write_text(text)
        run("-C", str(root), "commit", "-q", "-a", "-m", branch)
    with pytest.raises(subprocess.CalledProcessError):
        run("-C", str(root), "merge", "theirs")
    assert run("-C", str(root), "ls-files", "--unmerged").count("gen_a.py") == 3
    assert limit(root, "gen_a.py") is None


def test_names_are_compared_as_people_read_them(root: Path) -> None:
    """A Mac writes ü as u and two dots, an editor may not: both are the same name."""
    one, other = (unicodedata.normalize("NFC", "ü.py"), unicodedata.normalize("NFD", "ü.py"))
    assert one != other
    for written in (one, other):
        (root / ".gitignore").write_text(f"{written}\n", "utf-8")
        assert limit(root, one) is not None
        assert limit(root, other) is not None


@pytest.mark.skipif(os.name != "posix", reason="making links takes rights on Windows")
def test_what_follows_a_link_is_what_counts(root: Path, tmp_path: Path) -> None:
    """`link/../a.py` is not beside the link, but beside what it leads to."""
    (tmp_path / "away" / "deep").mkdir(parents=True)
    (tmp_path / "away" / ".codefareignore").write_text("a.py\n")
    (tmp_path / "away" / "a.py").touch()
    (root / "link").symlink_to(tmp_path / "away" / "deep")
    assert (limit(root, "link/../a.py") or "").startswith("none")
    assert Settings(privacy=Privacy(never=("/away/*",)), roots=(tmp_path,)).is_never(
        root / "link" / ".." / "a.py"
    )


def test_what_the_user_ignores_is_in_no_index(root: Path, tmp_path: Path) -> None:
    """Names and signatures of such a file are sent with no other: by the user's rules, the repository's, inner ones."""
    (tmp_path / "person" / ".config" / "git").mkdir(parents=True)
    (tmp_path / "person" / ".config" / "git" / "ignore").write_text("usual_*.py\n")
    (root / ".git" / "info" / "exclude").write_text("excluded_*.py\n")
    inner = root / "sub" / "inner"
    (inner / ".git" / "info").mkdir(parents=True)
    (inner / ".git" / "info" / "exclude").write_text("inner_*.py\n")
    for name in ("usual_a", "excluded_a", "inner/inner_a", "inner/usual_a", "a", "inner/a"):
        (root / "sub" / f"{name}.py").write_text("def secret(): ...\n")
    for top in (root, root / "sub"):
        found = find_files(top, is_never=lambda _: False, is_private=lambda _: False)
        assert [one.path.relative_to(root).as_posix() for one in found] == [
            "sub/a.py",
            "sub/inner/a.py",
        ]
        assert is_left_out(top, root / "sub" / "usual_a.py")
        assert is_left_out(top, root / "sub" / "excluded_a.py")


def test_what_codefareignore_names_goes_nowhere(root: Path) -> None:
    """Not even to a model on one's own machine, and no setting allows it; also from above the repository."""
    inner = root / "inner"
    (inner / ".git").mkdir(parents=True)
    (root / ".codefareignore").write_text("secret_sauce.py\n")
    for name in ("secret_sauce.py", "inner/secret_sauce.py"):
        said = limit(root, name, "*")
        assert (
            said
            == "none: secret_sauce.py is ignored by .codefareignore, line 1: no model may see it"
        )


@pytest.mark.parametrize("name", [".env", "deploy/.env.production", "certs/server.crt", "id_rsa"])
def test_files_with_secrets_go_to_self_hosted_models(root: Path, name: str) -> None:
    """Unless the user allows it, in his own configuration."""
    assert (limit(root, name) or "").startswith("own: ")
    assert "looks like a file with secrets" in (limit(root, name) or "")
    assert limit(root, name, ".env*", "*.crt", "id_rsa") is None


def test_examples_of_environments_may_be_seen(root: Path) -> None:
    """They are made to be shared."""
    assert limit(root, ".env.example") is None


def test_a_folder_of_keys_counts_wherever_it_is(root: Path, tmp_path: Path) -> None:
    """Outside of any workspace, too; a workspace in a folder with a strange name is none."""
    assert "secrets" in (limit(root, str(tmp_path / "person" / ".ssh" / "config")) or "")
    strange = tmp_path / ".env-work" / "project"
    assert Paths().limit(strange / "a.py", settings(strange)) is None


@pytest.mark.skipif(os.name != "posix", reason="making links takes rights on Windows")
def test_a_tools_own_folder_counts_outside_of_any_workspace(root: Path, tmp_path: Path) -> None:
    """Some are two folders deep; other files beside them are none."""
    for name in (".config/gcloud/a.json", ".docker/config.json", ".config/gh/hosts.yml"):
        assert "looks like a file with secrets" in (limit(root, f"../person/{name}") or ""), name
    assert limit(root, "../person/.config/other/a.json") is None


def test_a_link_hides_nothing(root: Path) -> None:
    """To allow the name of a link is not to allow what it leads to."""
    (root / ".env").write_text("A=1\n")
    (root / "plain.py").symlink_to(root / ".env")
    assert "looks like a file with secrets" in (limit(root, "plain.py") or "")
    assert limit(root, "plain.py", "plain.py") is not None
    assert limit(root, "plain.py", ".env") is None


def test_a_changed_rule_counts_when_it_is_looked_at_again(root: Path) -> None:
    """What is in memory is not asked of the disk again; a new look sees the change."""
    paths, here = Paths(), settings(root)
    assert not paths.knows(root / "a.py", here.roots)
    assert paths.limit(root / "a.py", here) is None
    assert paths.knows(root / "a.py", here.roots)
    (root / ".gitignore").write_text("a.py\n")
    assert paths.limit(root / "a.py", here) is None
    assert Paths().limit(root / "a.py", here) is not None


def test_text_without_a_file_has_no_limit(root: Path) -> None:
    """It has no path that any rule could name."""
    assert Paths().limit(None, settings(root)) is None
    assert Paths().knows(None, (root,))


async def _quote(root: Path, name: str, *, local_only: bool = False) -> Quote:
    engine = assemble()
    here = settings(root)
    engine.adopt(replace(engine.settings, privacy=here.privacy, roots=here.roots))
    path = root / name
    text = "def add(a, b):\n    return a + b\n"
    document = Document(path.as_uri(), path, "python", text, 1)
    ask = engine.quoter.ask("refactor", document, document.target(Span(0, 0)))
    try:
        assert engine.quoter.unprepared([ask]) == [ask]
        quote = await engine.quote(ask, wish=Wish(complexity=Complexity.HIGH))
        assert engine.quoter.unprepared([ask]) == []
        return quote
    finally:
        await engine.close()


async def test_the_quote_says_which_rule_it_is(
    root: Path, configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a key for a hosted model, and the reason in the quote and beside each model that may not be asked."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "test-key-of-anthropic")
    configure("")
    (root / ".gitignore").write_text("ignored.py\n")
    (root / ".codefareignore").write_text("closed.py\n")
    assert (await _quote(root, "open.py")).server is Server.MODEL
    for name, rule in (
        ("ignored.py", "by .gitignore, line 1"),
        ("closed.py", "by .codefareignore, line 1"),
    ):
        quote = await _quote(root, name)
        assert quote.server is not Server.MODEL
        assert rule in quote.reason
        assert any(rule in drop.reason for drop in quote.route.dropped)


def _makers(*names: str) -> dict[str, set[str]]:
    """The files of the server that call each of these names."""
    found: dict[str, set[str]] = {name: set() for name in names}
    for file in SERVER.rglob("*.py"):
        text = file.read_text("utf-8")
        if not any(f"{name}(" in text for name in names):
            continue
        for node in ast.walk(ast.parse(text)):
            called = ast.unparse(node.func).rpartition(".")[2] if isinstance(node, ast.Call) else ""
            if called in found:
                found[called].add(file.relative_to(SERVER).as_posix())
    return found


def test_there_is_no_way_around_the_gate() -> None:
    """One place makes requests, of what its quote holds, and one makes quotes, of a prompt that was cleared."""
    makers = _makers("Request", "Quote", "Cleared")
    assert makers == {"Request": {"quoter.py"}, "Quote": {"quoting.py"}, "Cleared": {"quoting.py"}}
    assert Quote.__annotations__["prompt"] == "Cleared"
