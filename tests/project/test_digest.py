"""The digest of a folder: what it says, what it leaves out first, and what it never says."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest

from codefare.errors import TargetError
from codefare.project.digest import digest
from codefare.project.files import Found
from codefare.project.index import Index
from codefare.project.manifests import first_paragraph, read_manifest
from codefare.tokens import YARDSTICK, count

PROJECT = {
    "README.md": "# Shop\n\n[![badge](x)](y)\n\nSells [things](https://example.org)\nto people.\n\nMore.\n",
    "pyproject.toml": '[project]\nname = "shop"\nversion = "1.0"\ndescription = "A shop."\n'
    'dependencies = ["httpx>=0.28", "own @ https://user:secret@example.org/own.whl"]\n',
    "shop/__init__.py": "from shop.store import Store\n",
    "shop/store.py": '"""Keeps."""\nfrom shop.tools import price\n\nLIMIT = "hidden value"\n\n\nclass Store:\n'
    '    """What is kept. For long."""\n\n    def save(self, item: str, *, twice: bool = False) -> None:\n'
    '        """Save it."""\n        body = "hidden value"\n\n    def _flush(self): ...\n\n\ndef _inner(): ...\n',
    "shop/tools/__init__.py": "def price(\n    item: str,\n) -> int:\n    return 7\n",
    "tests/test_store.py": "from shop import Store\n\ndef test_it(): ...\n",
    "logo.svg": "<svg/>",
    ".env": "KEY=hidden value\n",
}
WHOLE = """\
# shop
Sells things to people.

## pyproject.toml
  shop 1.0: A shop.
  dependencies: httpx >=0.28, own

## Folders
./ 7 files, 25 lines (Python 4)
  shop/ 3 files, 22 lines (Python 3)
    tools/ 1 file, 4 lines (Python 1)
  tests/ 1 file, 3 lines (Python 1)

## Which folders import from which
shop -> shop/tools
tests -> shop

## Files
shop/__init__.py (1 line)
  imports store.py
shop/store.py (17 lines)
  imports tools/__init__.py
  class Store  - What is kept.
    def save(self, item: str, *, twice: bool = False) -> None  - Save it.
    def _flush(self)
  def _inner()
shop/tools/__init__.py (4 lines)
  def price(item: str) -> int
tests/test_store.py (3 lines)
  imports ../shop/__init__.py
  def test_it()
"""


def indexed(root: Path, files: dict[str, str]) -> Index:
    """The index of a folder with those files."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    index = Index(root, is_private=lambda path: path.name.startswith("private"))
    index.refresh()
    return index


def found(path: Path, text: str) -> Found:
    """A file with that text."""
    path.write_text(text, "utf-8")
    return Found(path, path.name, None, path.stat().st_size, 0)


def test_a_digest_tells_the_shape_of_a_project(tmp_path: Path) -> None:
    """What it is, what it depends on, its folders, what imports what, and the signatures of its files."""
    said = digest(indexed(tmp_path / "shop", PROJECT))
    assert said.text == WHOLE
    assert said.tokens == count(YARDSTICK, WHOLE)
    assert said.left_out == ()


def test_a_digest_holds_no_code_no_values_and_no_secrets(tmp_path: Path) -> None:
    """Neither bodies nor constants, nor what the settings keep back, nor passwords in addresses."""
    files = PROJECT | {"private.py": "def hidden(): ...\n"}
    text = digest(indexed(tmp_path, files)).text
    assert "hidden" not in text
    assert "secret" not in text


def test_the_same_files_give_the_same_digest(tmp_path: Path) -> None:
    """Whatever the order in which they came to be, and however it had to be cut."""
    one = indexed(tmp_path / "1" / "shop", PROJECT)
    two = indexed(tmp_path / "2" / "shop", dict(reversed(PROJECT.items())))
    for most in (100, 180, 240, 10_000):
        assert digest(one, most_tokens=most) == digest(two, most_tokens=most)


def test_a_folder_has_a_digest_of_its_own(tmp_path: Path) -> None:
    """Only of what is in it; what it imports from elsewhere is named."""
    index = indexed(tmp_path, PROJECT)
    text = digest(index, tmp_path / "shop" / "tools").text
    assert text == (
        "# shop/tools\n\n## Folders\nshop/tools/ 1 file, 4 lines (Python 1)\n\n"
        "## Files\nshop/tools/__init__.py (4 lines)\n  def price(item: str) -> int\n"
    )
    assert "tests -> shop" in digest(index, tmp_path / "tests").text


def test_what_matters_least_is_left_out_first(tmp_path: Path) -> None:
    """Private definitions, then methods, then imports, then what small files define; tests before all."""
    body = "".join(
        f'def public_{n}(item):\n    """Say {n}."""\n\ndef _private_{n}(): ...\n\n'
        for n in range(15)
    )
    methods = "".join(f"    def method_{n}(self): ...\n" for n in range(15))
    files = {
        "large.py": f"import small\n\n{body}class Big:\n{methods}",
        "small.py": "def little(): ...\n",
        "tests/test_large.py": "import large\n\ndef test_one(): ...\n" + "# words\n" * 500,
    }
    index = indexed(tmp_path, files)
    whole = digest(index, most_tokens=100_000)
    last = None
    steps = []
    for most in range(whole.tokens + 60, 100, -3):
        said = digest(index, most_tokens=most)
        assert said.tokens <= most
        kept = {
            "private": "_private_" in said.text,
            "methods": "method_" in said.text,
            "imports": "  imports" in said.text,
            "tests": "test_one" in said.text,
            "little": "little" in said.text,
            "public": "public_" in said.text,
        }
        if kept != last:
            steps.append([name for name, there in kept.items() if there])
            last = kept
    assert steps[0] == ["private", "methods", "imports", "tests", "little", "public"]
    assert steps[1] == ["methods", "imports", "tests", "little", "public"]
    assert steps[2][-3:] == ["tests", "little", "public"]
    assert ["little", "public"] in steps
    assert steps[-1] == []
    assert all(len(before) > len(after) for before, after in itertools.pairwise(steps))
    assert digest(index, most_tokens=400).left_out[:2] == ("private definitions", "methods")
    assert "Left out for length" in digest(index, most_tokens=400).text


def test_a_folder_without_files_is_refused(tmp_path: Path) -> None:
    """With what to do instead; so is one that is not part of the workspace."""
    index = indexed(tmp_path / "project", {"a.py": "", "empty/.hidden": ""})
    with pytest.raises(TargetError, match="nothing to look at") as raised:
        digest(index, tmp_path / "project" / "empty")
    assert raised.value.remedy
    with pytest.raises(TargetError, match="not a part of"):
        digest(index, tmp_path)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (
            "pyproject.toml",
            (
                '[tool.poetry]\nname = "a"\n[tool.poetry.dependencies]\npython = "^3.11"\nhttpx = {version = "1"}\n'
                '[dependency-groups]\ndev = ["pytest", {include-group = "x"}]\n'
            ),
            ["a", "dependencies: python ^3.11, httpx", "dev dependencies: pytest"],
        ),
        (
            "package.json",
            json.dumps(
                {
                    "name": "@a/b",
                    "description": "x",
                    "dependencies": {"@c/d": "^1.0.0", "own": "git+ssh://token@host/x"},
                    "devDependencies": {"vite": "5"},
                    "scripts": {"build": "secret command"},
                }
            ),
            [
                "@a/b: x",
                "dependencies: @c/d ^1.0.0, own",
                "dev dependencies: vite 5",
                "scripts: build",
            ],
        ),
        (
            "go.mod",
            (
                "module example.org/a\n\ngo 1.22\n\nrequire (\n\tgithub.com/x/y v1.2.3\n"
                "\tgithub.com/z/w v0.1.0 // indirect\n)\n"
            ),
            ["module example.org/a", "go 1.22", "dependencies: github.com/x/y v1.2.3"],
        ),
        (
            "Cargo.toml",
            (
                '[package]\nname = "a"\nversion = "1"\n[dependencies]\nserde = {version = "1.0", features = ["x"]}\n'
                'own = {git = "https://x"}\n[workspace]\nmembers = ["b"]\n'
            ),
            ["a 1", "members: b", "dependencies: serde 1.0, own"],
        ),
        (
            "pom.xml",
            (
                "<project><parent><artifactId>up</artifactId></parent><artifactId>a</artifactId>"
                "<dependencies><dependency><groupId>g</groupId><artifactId>b</artifactId></dependency></dependencies></project>"
            ),
            ["a", "dependencies: b"],
        ),
        (
            "A.csproj",
            (
                '<Project><TargetFramework>net8.0</TargetFramework><PackageReference Include="X.Y" Version="1.0" />'
                '<ProjectReference Include="../B/B.csproj" /></Project>'
            ),
            ["target net8.0", "dependencies: X.Y 1.0", "projects: ../B/B.csproj"],
        ),
        (
            "Gemfile",
            'source "https://rubygems.org"\ngem "rails", "~> 7.0"\ngem \'pg\'\n',
            ["dependencies: rails ~> 7.0, pg"],
        ),
        (
            "composer.json",
            '{"name": "a/b", "require": {"php": ">=8.1", "x/y": "^2"}}',
            ["a/b", "dependencies: php >=8.1, x/y ^2"],
        ),
        ("package.json", "{broken", []),
        ("package.json", '["a list"]', []),
        ("pyproject.toml", 'project = "words"\n', []),
        ("Cargo.toml", "package = 3\n", []),
        ("other.json", "{}", []),
    ],
)
def test_a_manifest_says_its_name_and_what_it_needs(
    tmp_path: Path, name: str, text: str, expected: list[str]
) -> None:
    """In each language's form; no addresses, no commands; nothing where it is broken."""
    assert read_manifest(found(tmp_path / name, text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# Title\n\nWords here.\nMore.\n\nNot this.\n", "Words here. More."),
        ("Title\n=====\n\nWords.\n", "Words."),
        ("<p align=center>\n\n```\ncode\n\nmore code\n```\n\n> quoted\n", "> quoted"),
        ("# Only a title\n", ""),
        ("", ""),
        ("a" * 2000, "a" * 599 + "…"),
    ],
)
def test_a_readme_gives_its_first_paragraph(tmp_path: Path, text: str, expected: str) -> None:
    """Of prose: no title, no badge, no code."""
    assert first_paragraph(found(tmp_path / "README.md", text)) == expected
