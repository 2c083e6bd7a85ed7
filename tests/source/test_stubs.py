"""Stubs: a definition that is still to be written is told from one that is well as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from codefare.source.document import Document
from codefare.source.languages import LANGUAGES
from codefare.source.placeholders import Placeholder, placeholder
from codefare.source.stubs import is_stub
from codefare.source.target import Span, Symbol

DATA = Path(__file__).parents[1] / "data" / "stubs"


def sample(language: str, line_break: str = "\n") -> Document:
    """The sample of a language: what is a stub in it is called so."""
    text = (DATA / f"{language}.txt").read_text("utf-8").replace("\n", line_break)
    return Document("file:///sample", None, language, text)


def is_called_stub(symbol: Symbol) -> bool:
    """Whether the sample says that a definition is a stub; constructors cannot, so their class does."""
    if symbol.kind == "constructor":
        return symbol.container.endswith("Dropping")
    return symbol.name.lower().startswith("stub")


@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_stubs_of_a_sample_are_those_that_are_called_so(language: str, line_break: str) -> None:
    """In each language nothing but the stubs is one, whatever ends the lines."""
    document = sample(language, line_break)
    symbols = document.symbols()
    found = [one.qualified_name for one in symbols if is_stub(document, one)]
    assert found == [one.qualified_name for one in symbols if is_called_stub(one)]
    assert len(found) >= 3
    assert len(found) < len(symbols) - 2


def test_nothing_is_a_stub_in_a_stub_file() -> None:
    """In a `.pyi` file every body is `...` for good."""
    for name, expected in (("orders.py", True), ("orders.pyi", False)):
        document = Document("file:///o", Path(name), "python", "def total() -> int: ...\n")
        assert is_stub(document, document.symbols()[0]) is expected


def test_a_definition_that_is_only_begun_is_a_stub() -> None:
    """A signature without a body, which is no valid Python yet, waits for one."""
    document = Document("file:///o", None, "python", "def total(order):\n\n\nx = 1\n")
    assert is_stub(document, document.symbols()[0])


def test_a_text_that_moved_on_has_no_stub() -> None:
    """A symbol that the last tree no longer has is none, and neither does the question fail."""
    document = Document(
        "file:///o", None, "go", "package a\n\nfunc f() { panic(1) }\nfunc g() {}\n"
    )
    symbol = document.symbols()[1]
    assert is_stub(document, symbol)
    document.apply(Span(0, 9), "package orders")
    assert not is_stub(document, symbol)
    moved = document.symbol_at(document.text.index("g()"))
    assert moved is not None
    assert is_stub(document, moved)
    plain = Document("file:///o", None, None, "func g() {}\n")
    assert not is_stub(plain, symbol)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_broken_code_makes_it_fail(language: str) -> None:
    """Cut off anywhere, each sample still gets an answer for each of its definitions."""
    text = sample(language).text
    for end in range(7, len(text), 61):
        document = Document("file:///cut", None, language, text[:end])
        for symbol in document.symbols():
            assert is_stub(document, symbol) in (True, False)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("pass", Placeholder.BLANK),
        ("...", Placeholder.BLANK),
        (";", Placeholder.BLANK),
        ("(void)argc;", Placeholder.SILENCE),
        ("_ = ctx", Placeholder.SILENCE),
        ("return nil", Placeholder.RESULT),
        ('return "", nil', Placeholder.RESULT),
        ("return new ArrayList<>();", Placeholder.RESULT),
        ("return Collections.emptyList();", Placeholder.RESULT),
        ("return Order{}, nil", Placeholder.RESULT),
        ("Ok(())", Placeholder.RESULT),
        ("Default::default()", Placeholder.RESULT),
        ("return compute()", None),
        ("return total", None),
        ("x = 1", None),
        ("raise NotImplementedError", Placeholder.REFUSAL),
        ("raise errors.NotImplementedError('x')", Placeholder.REFUSAL),
        ("raise NotImplementedError('cannot be done on Windows')", None),
        ("raise ValueError('todo is empty')", None),
        ("throw new NotImplementedException();", Placeholder.REFUSAL),
        ("throw new System.NotImplementedException();", Placeholder.REFUSAL),
        ("throw new UnsupportedOperationException();", Placeholder.UNSUPPORTED),
        ('throw new UnsupportedOperationException("Unimplemented method")', Placeholder.REFUSAL),
        ('throw new Error("TODO: parse");', Placeholder.REFUSAL),
        ('throw new Error("Todo");', Placeholder.REFUSAL),
        ("throw new Error(`order ${id} is gone`);", None),
        ("throw error;", None),
        ("todo!()", Placeholder.REFUSAL),
        ('std::todo!("later")', Placeholder.REFUSAL),
        ('panic!("not yet implemented: {}", name)', Placeholder.REFUSAL),
        ('log("not implemented")', None),
        ('return status.Error(codes.Unimplemented, "method Get not implemented")', None),
        ("throw new Error('" + 400 * "x" + " not implemented')", None),
    ],
)
def test_a_statement_is_a_placeholder_or_real_code(
    statement: str, expected: Placeholder | None
) -> None:
    """What one statement stands there for is read from its source."""
    assert placeholder(statement) is expected
