"""What a type has of what is often written by rote, and what it and a file lack."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.source.types import TYPES

from codefare.source.boilerplate import missing_boilerplate
from codefare.source.declaration import Declaration
from codefare.source.document import Document
from codefare.source.languages import LANGUAGES
from codefare.source.members import Members, read_members
from codefare.source.target import Span, Symbol

SAMPLES = Path(__file__).parents[1] / "data" / "offline"


def read(language: str, text: str, path: str | None = None) -> Document:
    """A document with `text`."""
    return Document("file:///code", Path(path) if path else None, language, text)


def symbol_of(document: Document, name: str) -> Symbol:
    """The type of that name."""
    return next(one for one in document.symbols() if one.name == name and one.kind != "impl")


def members_of(document: Document, symbol: Symbol) -> Members | None:
    """What a type has; None for what is no type with fields, or no longer in the tree."""
    kinds = {"class", "struct", "enum"}
    declaration = Declaration.of(document, symbol) if symbol.kind in kinds else None
    return read_members(declaration) if declaration is not None else None


def fields_of(members: Members) -> str:
    """The fields as the table writes them."""
    return ", ".join(
        one.name
        + (f": {one.type}" if one.type else "")
        + (f" = {one.default}" if one.default else "")
        for one in members.fields
    )


@pytest.mark.parametrize(
    ("language", "name", "fields", "has", "lacks"),
    [(language, *row) for language, (_, rows) in TYPES.items() for row in rows],
)
def test_a_type_tells_what_it_has_and_lacks(
    language: str, name: str, fields: str, has: str, lacks: str
) -> None:
    """Fields as the language declares them, the parts that are there, and those that would be expected."""
    document = read(language, TYPES[language][0])
    symbol = symbol_of(document, name)
    if members := members_of(document, symbol):
        assert fields_of(members) == fields
        assert " ".join(sorted(members.has)) == has
    else:
        assert symbol.kind not in {"class", "struct"}
    assert " ".join(missing_boilerplate(document, symbol)) == lacks


def test_every_language_has_its_types() -> None:
    """The table leaves no language out."""
    assert set(TYPES) == set(LANGUAGES)


def test_what_is_no_type_has_no_members() -> None:
    """Functions and interfaces have neither fields nor boilerplate."""
    document = read(
        "typescript",
        "interface A { b: string }\nfunction f() {}\nnamespace N { class C { a = 1 } }\n",
    )
    for name in ("A", "f", "N"):
        symbol = symbol_of(document, name)
        assert members_of(document, symbol) is None
        assert missing_boilerplate(document, symbol) == ()


PYTHON = "def total(prices):\n    return sum(prices)\n"


@pytest.mark.parametrize(
    ("language", "path", "text", "lacks"),
    [
        ("python", "shop.py", PYTHON, True),
        ("python", None, f"@cache\n{PYTHON}", True),
        ("python", "test_shop.py", PYTHON, False),
        ("python", "__init__.py", PYTHON, False),
        ("python", "shop.py", f"{PYTHON}\nif __name__ == '__main__':\n    total([])\n", False),
        ("python", "shop.py", f"import argparse\n{PYTHON}", False),
        ("python", "shop.py", f"{PYTHON}\ntotal([1])\n", False),
        ("python", "shop.py", "def main():\n    pass\n", False),
        ("python", "shop.py", "def _total(): pass\n", False),
        ("python", "shop.py", "class A:\n    def total(self): pass\n", False),
        ("go", "shop.go", "package main\n\nfunc total() int { return 1 }\n", True),
        ("go", "shop.go", "package main\n\nfunc total() {}\n\nfunc main() {}\n", False),
        ("go", "shop.go", "package shop\n\nfunc total() int { return 1 }\n", False),
        ("go", "shop.go", "package main\n\nfunc (a A) total() int { return 1 }\n", False),
        ("go", "shop_test.go", "package main\n\nfunc total() int { return 1 }\n", False),
        ("javascript", "shop.js", "function total() {}\n", True),
        ("javascript", "shop.js", "const total = (a) => a;\n", True),
        ("javascript", "shop.js", "const total = 1;\n", False),
        ("javascript", "shop.js", "function total() {}\ntotal(process.argv[2]);\n", False),
        ("javascript", "shop.js", "export function total() {}\n", False),
        ("javascript", "shop.js", "function total() { document.title = ''; }\n", False),
        ("javascript", "shop.test.js", "function total() {}\n", False),
        ("typescript", "shop.ts", "async function total(a: number) { return a; }\n", True),
        ("typescript", "shop.ts", "async function total() {}\nawait total();\n", False),
        ("tsx", "shop.tsx", "function Total() { return <p/>; }\n", False),
        ("ruby", "shop.rb", "def total\n  1\nend\n", True),
        ("ruby", "shop.rb", "def total\n  1\nend\n\ntotal\n", False),
        ("ruby", "shop.rb", "def total\n  1\nend\n\ntotal if __FILE__ == $0\n", False),
        ("ruby", "Rakefile", "def total\n  1\nend\n", False),
        ("php", "shop.php", "<?php\nfunction total() { return 1; }\n", True),
        (
            "php",
            "shop.php",
            "<?php\nfunction total() { return 1; }\necho total($argv[1]);\n",
            False,
        ),
        ("rust", "main.rs", "fn total() -> u8 { 1 }\n", True),
        ("rust", "main.rs", "fn total() -> u8 { 1 }\nfn main() {}\n", False),
        ("rust", "lib.rs", "fn total() -> u8 { 1 }\n", False),
        ("c", "main.c", "int total(void) { return 1; }\n", True),
        ("c", "main.c", "int total(void);\n", False),
        ("c", "shop.c", "int total(void) { return 1; }\n", False),
        ("cpp", "main.cc", "int total() { return 1; }\n", True),
        ("cpp", "main.cc", "int total() { return 1; }\nint main() {}\n", False),
        ("java", "Main.java", "class Main { static int total() { return 1; } }\n", False),
        ("csharp", "Program.cs", "class Program { static int Total() => 1; }\n", False),
        (None, "shop.txt", PYTHON, False),
    ],
)
def test_a_file_of_functions_may_lack_a_command_line(
    language: str | None, path: str | None, text: str, lacks: bool
) -> None:
    """Where a file could be run and has functions, but nothing runs them, a command line is missing."""
    document = Document("file:///code", Path(path) if path else None, language, text)
    assert missing_boilerplate(document, None) == (("cli",) if lacks else ())


def test_a_text_that_moved_on_lacks_nothing() -> None:
    """A type that the last tree no longer has is not judged."""
    document = read("java", "class A { int x; }\nclass B { int y; }\n")
    symbol = symbol_of(document, "B")
    assert missing_boilerplate(document, symbol)
    document.apply(Span(0, 0), "// more\n")
    assert members_of(document, symbol) is None
    assert missing_boilerplate(document, symbol) == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_broken_code_makes_it_fail(language: str) -> None:
    """Cut off anywhere, each sample still gets an answer for each of its types and for the file."""
    for whole in (TYPES[language][0], (SAMPLES / f"{language}.sample").read_text("utf-8")):
        for end in range(7, len(whole), 53):
            document = read(language, whole[:end])
            assert missing_boilerplate(document, None) in {(), ("cli",)}
            for symbol in document.symbols():
                members = members_of(document, symbol)
                assert members is None or all(one.name for one in members.fields)
                missing_boilerplate(document, symbol)
