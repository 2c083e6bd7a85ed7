"""A document through edits: its bytes, its tree, and the parse that happens elsewhere."""

from __future__ import annotations

import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codefare.errors import TargetError
from codefare.source.buffer import Buffer
from codefare.source.document import Document
from codefare.source.syntax import parse
from codefare.source.target import Span

if TYPE_CHECKING:
    from tree_sitter import Range, Tree

PYTHON = """\
import os


def first(a):
    return a


class Box:
    def second(self):
        return "é漢😀"
"""


def python(text: str = PYTHON) -> Document:
    """A Python document."""
    return Document("file:///box.py", None, "python", text, 1)


def names(document: Document) -> list[str]:
    """What its symbols are called."""
    return [symbol.qualified_name for symbol in document.symbols()]


def nodes(tree: Tree) -> list[tuple[str, Range]]:
    """All nodes of a tree with their bytes, rows and columns."""
    found, waiting = [], [tree.root_node]
    while waiting:
        node = waiting.pop()
        found.append((node.type, node.range))
        waiting += node.children
    return found


PIECES = st.sampled_from(
    ["", "x", "é", "😀", "\n", "\r\n", "    ", "def g(b):\n    pass\n", '"""', "(", ")", "\ud800"]
)
EDITS = st.lists(st.tuples(st.integers(0, 130), st.integers(0, 20), PIECES), max_size=6)


@given(EDITS)
def test_a_tree_parsed_after_edits_is_that_of_a_fresh_parse(
    edits: list[tuple[int, int, str]],
) -> None:
    """Edits keep the bytes right, and the next parse gives the tree that the text has."""
    document = python()
    document.reparse()
    for start, length, new in edits:
        document.apply(Span(start, start + length), new)
        assert document.data == document.text.encode("utf-8", "surrogatepass")
    document.reparse()
    assert nodes(document.tree) == nodes(parse("python", document.data))


@given(EDITS)
def test_between_edit_and_parse_every_question_has_an_answer(
    edits: list[tuple[int, int, str]],
) -> None:
    """With a tree that lags behind, symbols stay inside the text and nothing fails."""
    document = python()
    document.reparse()
    for start, length, new in edits:
        document.apply(Span(start, start + length), new)
        for symbol in document.symbols():
            for span in (symbol.span, symbol.signature, symbol.body, symbol.doc):
                assert span is None or 0 <= span.start <= span.end <= len(document.text)
        if document.text.strip():
            for offset in range(0, len(document.text), 7):
                target = document.target(Span(offset, offset))
                assert target.text == document.text[target.span.start : target.span.end]


def test_symbols_move_with_an_edit_before_the_next_parse() -> None:
    """After an edit above it a symbol is found where it is now, without a parse."""
    document = python()
    document.reparse()
    document.apply(Span(0, 0), "# é\n")
    assert not document.is_parsed
    symbol = document.symbol_at(document.text.index("return a"))
    assert symbol is not None
    assert document.text[symbol.span.start : symbol.span.end] == "def first(a):\n    return a"


def test_nodes_know_their_rows_before_the_next_parse() -> None:
    """The tree is told of rows and columns too, in bytes."""
    document = python()
    document.reparse()
    document.apply(Span(0, 0), "# é\n\né")
    box = document.tree.root_node.named_children[-1]
    assert box.start_point == (PYTHON[: PYTHON.index("class")].count("\n") + 2, 0)
    assert document.tree.root_node.named_children[0].start_point == (2, 2)


def test_a_measure_is_that_of_the_text_as_it_is() -> None:
    """A measure is taken anew after an edit, and after a parse."""
    document = python("a = 1\nb = 2\n")
    span = Span(0, 11)
    assert document.measure(span).reason == "2 lines, 0 branches"
    document.apply(Span(0, 6), "f(  )\n")
    assert document.measure(span).reason == "2 lines, 0 branches"  # of the tree before
    document.reparse()
    assert document.measure(span).reason == "2 lines, 0 branches, 1 call"
    document.apply(Span(5, 6), " ")
    assert document.measure(span).reason.startswith("1 line,")


def test_a_buffer_can_be_shared() -> None:
    """A buffer that was there before is used, so that its anchors follow the document's edits."""
    buffer = Buffer(PYTHON)
    document = Document("file:///box.py", None, "python", PYTHON, buffer=buffer)
    anchor = buffer.anchor(Span(7, 9))
    assert not document.has_tree
    document.apply(Span(0, 0), "x")
    assert document.symbols()
    assert (anchor.span, document.has_tree) == (Span(8, 10), True)


def test_what_was_typed_is_known_after_the_next_parse_only() -> None:
    """Edits do not parse; `reparse` does."""
    document = python()
    assert names(document) == ["first", "Box", "Box.second"]
    document.apply(Span(0, 0), "def zero():\n    pass\n\n")
    assert names(document) == ["first", "Box", "Box.second"]
    document.reparse()
    assert names(document) == ["zero", "first", "Box", "Box.second"]


def test_a_snapshot_is_parsed_in_another_thread() -> None:
    """A worker parses while the document is edited; a tree that is too late is not taken."""
    document = python(PYTHON * 50)
    document.reparse()
    document.apply(Span(0, 0), "x = 1\n")
    with ThreadPoolExecutor(1) as worker:
        late = document.snapshot()
        assert late is not None
        parsing = worker.submit(late.parse)
        document.apply(Span(0, 0), "y = 2\n")
        assert not document.adopt(parsing.result(), late.revision)
        current = document.snapshot()
        assert current is not None
        assert document.adopt(worker.submit(current.parse).result(), current.revision)
    assert document.is_parsed
    assert str(document.tree.root_node) == str(parse("python", document.data).root_node)


def test_other_threads_run_while_a_large_text_is_parsed() -> None:
    """The event loop is one of them: a parse of a second must not hold it up for a second."""
    data = (PYTHON * 20_000).encode()
    parse("python", b"")  # the grammar is imported
    over = threading.Event()
    turns = 0

    def take_turns() -> None:
        nonlocal turns
        while not over.is_set():
            turns += 1
            time.sleep(0)

    before = sys.getswitchinterval()
    other = threading.Thread(target=take_turns)
    other.start()
    try:
        sys.setswitchinterval(1e-4)
        turns = 0
        tree = parse("python", data)
        taken = turns
    finally:
        sys.setswitchinterval(before)
        over.set()
        other.join()
    assert tree.root_node.end_byte == len(data)
    assert taken > 100


def test_a_character_may_lie_across_two_pieces() -> None:
    """A long text is given to the parser in pieces; where they are cut makes no difference."""
    for shift in range(4):
        text = "#" * shift + "\n" + "ü = '€😀'\n" * 8_000
        assert not parse("python", text.encode()).root_node.has_error


def test_versions_and_revisions() -> None:
    """A version is taken over with an edit; the revision counts what really changed."""
    document = python("a = 1\n")
    assert document.apply(Span(0, 1), "a", 2) is None
    assert (document.version, document.revision) == (2, 0)
    assert document.apply(Span(0, 1), "b", 3) is not None
    assert (document.version, document.revision) == (3, 1)
    document.apply(Span(0, 1), "c")
    assert (document.version, document.revision) == (3, 2)


def test_a_new_whole_text_breaks_only_what_differs() -> None:
    """When a client sends all of its text, anchors outside of the difference hold."""
    document = python()
    anchor = document.buffer.anchor(Span(*_span_of(document, "class Box:")))
    whole = Span(0, len(PYTHON))
    document.apply(whole, PYTHON.replace("import os", "import os, sys"), 2)
    assert not anchor.broken
    assert document.text[slice(*anchor.span)] == "class Box:"
    whole = Span(0, len(document.text))
    document.apply(whole, PYTHON.replace("class Box", "class Bag"))
    assert anchor.broken


def test_without_a_grammar_there_is_text_and_no_symbol() -> None:
    """A document of an unknown language answers, with nothing."""
    document = Document("file:///notes.txt", None, None, "some notes\n")
    assert document.is_parsed
    assert document.snapshot() is None
    assert document.symbols() == []
    assert document.symbol_at(0) is None
    assert document.parses(Span(0, 4))
    with pytest.raises(LookupError, match=r"notes\.txt"):
        _ = document.tree


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", "\n"),
        ("a\n", "\n"),
        ("a\r\nb\n", "\r\n"),
        ("a\r\nb\nc\n", "\n"),
        ("a\nb\r\nc\r\n", "\r\n"),
        ("a\rb", "\r"),
        ("", "\n"),
    ],
)
def test_the_line_break_is_the_most_frequent_one(text: str, expected: str) -> None:
    """New text gets the line break that the document has; of two as frequent ones the first."""
    assert python(text).line_break == expected


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [(1, 1, "a"), (2, 2, "b"), (1, 2, "a\r\nb"), (1, 3, "a\r\nb\nc"), (3, 3, "c")],
)
def test_lines_count_from_one(first: int, last: int, expected: str) -> None:
    """Lines are those that people count, both included, without the last line break."""
    document = python("a\r\nb\nc\n")
    span = document.span_of_lines(first, last)
    assert document.text[span.start : span.end] == expected


@pytest.mark.parametrize(
    ("text", "first", "last", "message"),
    [
        ("a\nb\n", 3, 3, "There is no line 3 in file:///box.py, which has 2 lines."),
        ("a\nb", 1, 3, "There are no lines 1 to 3 in file:///box.py, which has 2 lines."),
        ("a\n", 0, 0, "There is no line 0 in file:///box.py, which has 1 line."),
        ("a\nb\n", 2, 1, "There are no lines 2 to 1 in file:///box.py, which has 2 lines."),
        ("", 2, 2, "There is no line 2 in file:///box.py, which has 1 line."),
    ],
)
def test_lines_that_are_not_there(text: str, first: int, last: int, message: str) -> None:
    """The error says how many lines there are."""
    with pytest.raises(TargetError) as caught:
        python(text).span_of_lines(first, last)
    assert str(caught.value) == message
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("part", "expected"),
    [("whole", True), ("broken", False), ("def broken(:\n    return 1\n\n\ndef whole", False)],
)
def test_errors_count_for_the_span_that_has_them(part: str, expected: bool) -> None:
    """A definition parses although another one in the file does not."""
    text = "def broken(:\n    return 1\n\n\ndef whole():\n    return 2\n"
    document = python(text)
    start = text.index(f"def {part}") if not part.startswith("def") else 0
    assert document.parses(Span(start, text.index("\n", start + len(part)))) is expected


def _span_of(document: Document, part: str) -> tuple[int, int]:
    start = document.text.index(part)
    return start, start + len(part)
