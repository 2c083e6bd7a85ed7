"""`[checkers.LANGUAGE]` of config.toml: the command lines that may be run on a copy of the user's code."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from codefare.errors import ConfigError
from codefare.settings import Checker, Settings, load_settings

Configure = Callable[[str], Path]


def test_a_checker_has_twenty_seconds_unless_it_is_given_others(configure: Configure) -> None:
    """The command alone is enough."""
    configure('[checkers.go]\ncommand = ["go", "vet", "./..."]')
    assert load_settings().checker("go") == Checker(("go", "vet", "./..."), 20)


def test_a_language_without_a_checker_has_none(configure: Configure) -> None:
    """Nothing is guessed: what was not configured is not run."""
    configure('[checkers.python]\ncommand = ["mypy", "{file}"]')
    assert load_settings().checker("go") is None
    assert load_settings().checker(None) is None


def test_tsx_is_checked_as_typescript_unless_it_has_a_checker_of_its_own(
    configure: Configure,
) -> None:
    """Both are the same compiler's."""
    typescript = '[checkers.typescript]\ncommand = ["npx", "eslint", "{file}"]\n'
    configure(typescript)
    assert load_settings().checker("tsx") == load_settings().checker("typescript")
    configure(typescript + '[checkers.tsx]\ncommand = ["biome", "check", "{file}"]\n')
    found = load_settings().checker("tsx")
    assert found is not None
    assert found.name == "biome"


@pytest.mark.parametrize(
    ("text", "culprit", "advice"),
    [
        ("[checkers.pyton]\ncommand = ['x']", "[checkers.pyton]", "`python`"),
        ("[checkers.zzz]\ncommand = ['x']", "[checkers.zzz]", "python, javascript, typescript"),
        ("[checkers.go]\n", "`checkers.go.command`", "is missing"),
        ("[checkers.go]\ncommand = []", "`checkers.go.command`", "not be empty"),
        ("[checkers.go]\ncommand = 'go vet'", "`checkers.go.command`", "a list of texts"),
        ("[checkers.go]\ncommand = ['go', '']", "`checkers.go.command[2]`", "not be empty"),
        ("[checkers.go]\ncommand = ['go']\ntimeout_seconds = 0", "timeout_seconds", "at least 1"),
        ("[checkers.go]\ncommand = ['go']\ntimeout_seconds = 601", "timeout_seconds", "most 600"),
        (
            "[checkers.go]\ncommand = ['go']\ntimeout = 5",
            "`checkers.go.timeout`",
            "timeout_seconds",
        ),
        ("[checkers.go]\ncommand = ['go', '{files}']", "{files}", "only {file} does"),
        ("[checkers.python]\ncommand = ['ruff', 'check', '--fix']", "--fix", "leave it out"),
        ("[checkers.typescript]\ncommand = ['npx', 'tsc', '-p', '.']", "compiles", '"--noEmit"'),
        ("[checkers.tsx]\ncommand = ['node_modules/.bin/tsc']", "compiles", '"--noEmit"'),
    ],
)
def test_a_wrong_checker_is_refused_with_what_is_allowed(
    configure: Configure, text: str, culprit: str, advice: str
) -> None:
    """The message names file and key, and what to write."""
    file = configure(text)
    with pytest.raises(ConfigError) as raised:
        load_settings()
    assert str(file) in raised.value.text
    assert culprit in raised.value.text
    assert advice in raised.value.text


def test_braces_that_are_no_placeholder_are_the_commands_own(configure: Configure) -> None:
    """Globs have braces, too."""
    configure('[checkers.javascript]\ncommand = ["eslint", "src/**/*.{js,jsx}"]')
    assert load_settings().checker("javascript") is not None


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (("ruff", "check", "{file}"), "ruff"),
        (("/usr/local/bin/mypy", "{file}"), "mypy"),
        (("npx", "--no-install", "eslint", "{file}"), "eslint"),
        (("python3", "-m", "mypy", "{file}"), "mypy"),
        (("uv", "run", "ruff", "check"), "ruff"),
        (("node_modules/.bin/tsc.cmd", "--noEmit"), "tsc"),
        (("npx",), "npx"),
    ],
)
def test_a_checker_is_called_by_its_own_name(command: tuple[str, ...], name: str) -> None:
    """What only starts it is passed over."""
    assert Checker(command).name == name


def test_no_editor_and_no_workspace_chooses_what_runs() -> None:
    """A checker is a program: only the user's own file names it."""
    settings, (refusal,) = Settings().with_editor(
        {"checkers": {"python": {"command": ["sh", "-c", "SECRET"]}}}
    )
    assert settings == Settings()
    assert "`checkers.python.command`" in refusal
    assert "a workspace could set it" in refusal
    assert "SECRET" not in refusal
