"""From cursors and selections, as editors send them, to targets."""

from __future__ import annotations

from pathlib import Path

import pytest

from codefare.errors import TargetError
from codefare.source.document import Document
from codefare.source.target import Complexity, Scope, Span

TEXT = '''\
import os

NAME = os.name


@cached
def area(side):
    """Squares."""
    total = side * side

    return total


class Box:
    """A box."""

    def open(self): return 1

    def close(self):
        pass
'''
AREA = TEXT[TEXT.index("@cached") : TEXT.index("\n\n\nclass")]
BOX = TEXT[TEXT.index("class Box") :].rstrip()
TOTAL = "    total = side * side\n\n    return total"
CLOSE = "def close(self):\n        pass"


def document(text: str = TEXT, language: str | None = "python") -> Document:
    """A document of some version."""
    return Document("file:///a/shapes.py", Path("/a/shapes.py"), language, text, 7)


def cursor(marked: str) -> Span:
    """Where `|` stands in a part of the text."""
    start = TEXT.index(marked.replace("|", "")) + marked.index("|")
    return Span(start, start)


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("|@cached", "area"),
        ("@cached|\n", "area"),
        ("|def area", "area"),
        ("def area(side):|", "area"),
        ('"""Squa|res', "area"),
        ("total = side * side\n|\n    return", "area"),
        ("|    return total", "area"),
        ("return total|\n", "area"),
        ("|class Box", "Box"),
        ('"""A box."""\n|\n', "Box"),
        ("|    def open", "Box.open"),
        ("  |  def open", "Box.open"),
        ("def open(self): return 1|", "Box.open"),
        ("return 1\n|\n    def close", "Box"),
        ("pass|\n", "Box.close"),
    ],
)
def test_a_cursor_means_the_innermost_symbol(place: str, expected: str) -> None:
    """Wherever the cursor stands on a line of a symbol, it means that symbol."""
    target = document().target(cursor(place))
    assert (target.label, target.scope) == (expected, Scope.SYMBOL)


@pytest.mark.parametrize(
    ("word", "expected"),
    [("def", "area"), ("side", "area"), ("total", "area"), ("Box", "Box"), ("1", "Box.open")],
)
def test_one_word_of_code_is_a_cursor(word: str, expected: str) -> None:
    """A word alone is nothing to work on; eglot sends a cursor as the word it stands on."""
    start = TEXT.index(word)
    assert document().target(Span(start, start + len(word))).label == expected


def test_one_word_of_prose_is_a_selection() -> None:
    """Where there is no code, what was selected is what was meant."""
    target = document("Be idempotent.\n", None).target(Span(3, 13))
    assert (target.text, target.scope) == ("idempotent", Scope.SELECTION)


@pytest.mark.parametrize("place", ["|import os", "import os\n|\n", "NAME = |os", "os.name\n\n|\n@"])
def test_a_cursor_outside_of_symbols_means_the_file(place: str) -> None:
    """Where there is no symbol the target is the whole file."""
    target = document().target(cursor(place))
    assert (target.scope, target.text, target.label) == (Scope.FILE, TEXT, "shapes.py")


@pytest.mark.parametrize("extra", [0, 1])
def test_a_cursor_sent_as_a_whole_line_is_a_cursor(extra: int) -> None:
    """Kate's and eglot's ways to say "the cursor is here" mean the symbol on that line."""
    start = TEXT.index("    return total")
    target = document().target(Span(start, start + len("    return total") + extra))
    assert target.label == "area"
    start = TEXT.index("\n    return total")
    assert document().target(Span(start, start + extra)).label == "area"  # an empty line
    start = TEXT.index("import os")
    assert document().target(Span(start, start + len("import os") + extra)).scope is Scope.FILE


@pytest.mark.parametrize(
    ("part", "expected", "name"),
    [
        (AREA, AREA, "area"),
        (f"\n\n{AREA}\n\n\n", AREA, "area"),
        (AREA.removeprefix("@cached\n"), AREA, "area"),
        (BOX, BOX, "Box"),
        (f"    {CLOSE}\n", CLOSE, "Box.close"),
        (CLOSE, CLOSE, "Box.close"),
    ],
)
def test_a_selected_symbol_is_the_symbol(part: str, expected: str, name: str) -> None:
    """A selection that covers a symbol means it, with its decorators, without white space."""
    start = TEXT.index(part)
    target = document().target(Span(start, start + len(part)))
    assert (target.scope, target.text, target.label) == (Scope.SYMBOL, expected, name)


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        # Whole lines, whether by their code or by their borders.
        ("total = side * side\n\n    return total", TOTAL),
        (f"{TOTAL}\n\n", TOTAL),
        ("\nimport os\n\nNAME = os.name\n", "import os\n\nNAME = os.name"),
        # Anything else is exactly itself.
        ("side * side", "side * side"),
        (" side * side\n\n    return", "side * side\n\n    return"),
        ("self):\n        pass", "self):\n        pass"),
        (f"return 1\n\n    {CLOSE}", f"return 1\n\n    {CLOSE}"),
    ],
)
def test_other_selections(part: str, expected: str) -> None:
    """A selection of whole lines takes them from column one; others are taken exactly."""
    text = f"\n{TEXT}"
    start = text.index(part)
    target = document(text).target(Span(start, start + len(part)))
    assert (target.text, target.scope) == (expected, Scope.SELECTION)
    assert (target.symbol, target.label) == (None, "the selection")


def test_two_symbols_selected_are_a_selection() -> None:
    """A selection across symbols is none of them."""
    start = TEXT.index("@cached")
    target = document().target(Span(start, len(TEXT)))
    assert (target.scope, target.text) == (Scope.SELECTION, TEXT[start:].rstrip("\n"))


def test_everything_selected_is_the_file() -> None:
    """Select all means the file, and so does asking for it."""
    everything = Span(0, len(TEXT))
    assert document().target(everything).scope is Scope.FILE
    assert document().target(Span(5, 5), whole_file=True).span == everything
    assert document().target(Span(-5, 10_000)).span == everything


def test_selected_with_its_documentation() -> None:
    """A selection from the comment above a function to its end means the function."""
    text = "int x;\n\n/** Doc. */\nint f(void) { return 1; }\n\nstruct p { int a; };\n"
    source = document(text, "c")
    target = source.target(Span(text.index("/**"), text.index("}") + 1))
    assert (target.label, target.text) == ("f", "int f(void) { return 1; }")
    assert source.target(Span(text.index("Doc"), text.index("Doc"))).label == "f"
    start = text.index("struct")
    assert source.target(Span(start, text.index(";\n", start))).text == "struct p { int a; };"


def test_carriage_returns_stay_outside() -> None:
    """With CR LF a target ends before the line break."""
    text = TEXT.replace("\n", "\r\n")
    source = document(text)
    start = text.index("    total")
    target = source.target(Span(start, text.index("total\r\n", start + 9) + len("total\r\n")))
    assert target.text == "    total = side * side\r\n\r\n    return total"


def test_a_target_says_all_about_itself() -> None:
    """Where it is, in which version, how demanding it is, and whether it parses."""
    target = document().target(cursor("|def area"))
    assert (target.uri, target.path, target.language, target.version) == (
        "file:///a/shapes.py",
        Path("/a/shapes.py"),
        "python",
        7,
    )
    assert target.symbol is not None
    assert target.symbol.name == "area"
    assert target.measure.complexity is Complexity.LOW
    assert target.parses
    assert not document("def f(:\n  return (\n").target(Span(0, 0)).parses


def test_without_a_grammar_only_the_selection_counts() -> None:
    """Plain text has selections and the file."""
    text = "Some notes.\n\nMore of them,\non two lines.\n"
    notes = document(text, None)
    assert notes.target(Span(3, 3)).scope is Scope.FILE
    target = notes.target(Span(text.index("More"), len(text)))
    assert (target.scope, target.text) == (Scope.SELECTION, "More of them,\non two lines.")


@pytest.mark.parametrize("text", ["", "\n \t\r\n", "\ufeff"])
@pytest.mark.parametrize("whole_file", [True, False])
def test_nothing_to_work_on(text: str, whole_file: bool) -> None:
    """An empty document is no target."""
    with pytest.raises(TargetError, match=r"shapes\.py is empty: there is nothing to work on"):
        document(text).target(Span(0, len(text)), whole_file=whole_file)
