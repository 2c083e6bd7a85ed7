"""Symbols: what a definition is called, what belongs to it, and where its documentation goes."""

from __future__ import annotations

from pathlib import Path

import pytest

from codefare.source.comments import only_comments_changed, syntax_errors
from codefare.source.document import Document
from codefare.source.languages import LANGUAGES, DocStyle
from codefare.source.placement import place_comment
from codefare.source.target import Span, Symbol

DATA = Path(__file__).parents[1] / "data" / "symbols"


def sample(language: str, line_break: str = "\n") -> Document:
    """The sample of a language as a document."""
    text = (DATA / f"{language}.txt").read_text(encoding="utf-8").replace("\n", line_break)
    return Document(f"file:///sample.{language}", None, language, text)


def place(document: Document, span: Span | None) -> str:
    """A span as `line:column-line:column`, from 1."""
    if span is None:
        return "-"
    start, end = (document.buffer.position_at(offset, "utf-32") for offset in span)
    return f"{start[0] + 1}:{start[1] + 1}-{end[0] + 1}:{end[1] + 1}"


def described(language: str) -> str:
    """Every symbol of the sample: what it is, its span, body, documentation, and signature."""
    document = sample(language)
    lines = []
    for symbol in document.symbols():
        doc_at = place(document, Span(symbol.doc_at, symbol.doc_at)).partition("-")[0]
        signature = document.text[symbol.signature.start : symbol.signature.end]
        places = (
            f"  span {place(document, symbol.span)} body {place(document, symbol.body)}"
            f" doc {place(document, symbol.doc)} at {doc_at} indent {symbol.indent!r}"
        )
        heading = f"{symbol.kind} {symbol.qualified_name}"
        lines += [heading, places, f"  {' '.join(signature.split())}"]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("language", LANGUAGES)
def test_symbols_are_those_of_the_sample(language: str) -> None:
    """Names, kinds, containers, spans, signatures and documentation are as written down."""
    expected = (DATA / f"{language}.expected").read_text(encoding="utf-8")
    assert described(language) == expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_line_breaks_change_no_symbol(language: str) -> None:
    """With CR LF the symbols are the same, and so are the lines they stand on."""
    plain, other = sample(language), sample(language, "\r\n")
    assert [
        (each.qualified_name, each.kind, place(other, each.span), place(other, each.doc))
        for each in other.symbols()
    ] == [
        (each.qualified_name, each.kind, place(plain, each.span), place(plain, each.doc))
        for each in plain.symbols()
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_place_finds_its_symbols(language: str) -> None:
    """From any character, the symbols around it are found, the innermost first."""
    document = sample(language)
    symbols = document.symbols()
    above: dict[
        int, Symbol
    ] = {}  # what is above a symbol belongs to it: documentation and directives
    for symbol in symbols:
        inside = LANGUAGES[language].doc_style is DocStyle.DOCSTRING
        start = symbol.doc.start if symbol.doc and not inside else symbol.span.start
        begin = min(start, symbol.span.start if inside else symbol.doc_at)
        above |= dict.fromkeys(range(begin, symbol.span.start), symbol)
    for offset, character in enumerate(document.text):
        if character.isspace():
            continue
        around = list(document.symbols_around(offset))
        expected = [each for each in symbols if each.span.start <= offset < each.span.end]
        expected += [above[offset]] if offset in above else []
        assert around == sorted(expected, key=lambda each: -each.span.start), offset


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_node_is_found_again(language: str) -> None:
    """`node_of` gives the node that defines a symbol, and an error once it has gone."""
    document = sample(language)
    for symbol in document.symbols():
        node = document.node_of(symbol)
        at = document.buffer.offset_of_byte
        assert symbol.span.start <= at(node.start_byte) < at(node.end_byte) <= symbol.span.end + 1
    first = document.symbols()[0]
    document.apply(Span(0, len(document.text)), "")
    with pytest.raises(LookupError, match=first.name):
        document.node_of(first)


def comments_in(language: str) -> list[str]:
    """A short and a long documentation comment."""
    match LANGUAGES[language].doc_style:
        case DocStyle.DOCSTRING:
            return ['"""Says."""', '"""Says.\n\n    More.\n"""']
        case DocStyle.BLOCK:
            return ["/** Says. */", "/**\n * Says.\n *\n * More.\n */"]
        case DocStyle.LINES:
            marker = LANGUAGES[language].doc_marker
            return [f"{marker} Says.", f"{marker} Says.\n{marker}\n{marker} More."]


@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_documentation_lands_on_its_symbol(language: str, line_break: str) -> None:
    """A comment placed on any symbol becomes its documentation, and changes comments only."""
    document = sample(language, line_break)
    assert syntax_errors(language, document.data) == 0
    for index, symbol in enumerate(document.symbols()):
        for comment in comments_in(language):
            span, new = place_comment(document, symbol, comment)
            edited = sample(language, line_break)
            edited.apply(span, new)
            edited.reparse()
            found = edited.symbols()[index]
            assert (found.qualified_name, found.kind) == (symbol.qualified_name, symbol.kind)
            assert found.doc is not None
            lines = edited.text[found.doc.start : found.doc.end].split(line_break)
            assert [line.strip() for line in lines] == [
                line.strip() for line in comment.split("\n")
            ]
            assert syntax_errors(language, edited.data) == 0
            reason = only_comments_changed(language, document.data, edited.data)
            at = symbol.doc.start if symbol.doc else symbol.doc_at
            begins = at == 0 or document.text[at - 1] in "\r\n" or symbol.doc is not None
            if begins or not LANGUAGES[language].newline_ends_statement:
                assert reason is None, symbol.qualified_name


def test_a_body_on_the_signatures_line_moves_to_its_own() -> None:
    """A docstring can be put into `def f(): return 1`, which becomes three lines."""
    document = Document("x", None, "python", "class A:\n    def f(self): return 1\n")
    symbol = document.symbols()[1]
    document.apply(*place_comment(document, symbol, '"""Says."""'))
    assert document.text == ('class A:\n    def f(self):\n        """Says."""\n        return 1\n')


def test_a_byte_order_mark_stays_in_front() -> None:
    """Documentation of what a file begins with comes after its byte order mark."""
    document = Document("x", None, "javascript", "\ufefffunction f() {}\n")
    document.apply(*place_comment(document, document.symbols()[0], "/** Says. */"))
    assert document.text == "\ufeff/** Says. */\nfunction f() {}\n"


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("c", "struct point *make(struct point *p) { return p; }", ["function make"]),
        ("c", 'MODULE_LICENSE("GPL");\nDEFINE_MUTEX(lock);\nint x;', []),
        ("cpp", "void f() { Foo bar(int()); Foo baz(); }", ["function f"]),
        ("cpp", "A::A() : x(1) {}\nA::~A() {}", ["constructor A.A", "method A.~A"]),
        ("cpp", "REGISTER(Thing);\nDECLARE(int x);\nint y;", []),
        ("cpp", "class Forward;\nfriend class Other;", []),
        ("javascript", "items.map((x) => x);\n(() => {})();", []),
        ("javascript", "const { a } = () => {};\nlist[0] = () => {};", []),
        ("javascript", "const total = items.map((x) => x);", []),
        ("typescript", "export const a: F = async () => {};", ["function a"]),
        ("python", "x = lambda: 1\nclass A:\n    def f(self): pass", ["class A", "method A.f"]),
        ("python", "class Broken(\n\ndef whole():\n    pass\n", ["function whole"]),
        ("go", "package a\n\nfunc f() { g := func() {}; g() }", ["function f"]),
        (
            "rust",
            "mod a;\nimpl b::D for &mut crate::C<u8> { fn f() {} }",
            ["impl b::D for &mut crate::C<u8>", "method C.f"],
        ),
        ("ruby", "class << self\n  def f; end\nend\nFoo = Struct.new(:a)", ["function f"]),
        ("php", "<?php\nnamespace A\\B { function f() {} }", ["namespace A.B", "function A.B.f"]),
        ("csharp", "void Top() { }\nTop();", ["function Top"]),
        ("java", "enum E { A { void f() {} } }", ["enum E", "method E.f"]),
    ],
)
def test_what_counts_as_a_symbol(language: str, text: str, expected: list[str]) -> None:
    """Uses, calls and nameless functions are no symbols."""
    symbols = Document("x", None, language, text).symbols()
    found = [f"{symbol.kind} {symbol.qualified_name}" for symbol in symbols]
    assert found == expected


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("c", "int x; // trailing\nint f(void) { return 1; }", None),
        ("c", "/* licence */\n// doc\nint f(void) { return 1; }", "// doc"),
        ("c", "// far\n\nint f(void) { return 1; }", None),
        ("go", "package a\n\n//go:noinline\nfunc f() {}", None),
        ("rust", "// plain\nfn f() {}", None),
        ("rust", "//// four\nfn f() {}", None),
        ("rust", "//! inner\nfn f() {}", None),
        ("rust", "// plain\n/// doc\nfn f() {}", "/// doc"),
        ("java", "class A {\n  /* plain */\n  void f() {}\n}", None),
        ("javascript", "/* plain */\nfunction f() {}", None),
        ("javascript", "/** one */\n/** two */\nfunction f() {}", "/** two */"),
        ("javascript", "/** doc */ function f() {}", "/** doc */"),
        ("ruby", "#!/usr/bin/env ruby\n# Doc.\ndef f; end", "# Doc."),
        ("ruby", "# frozen_string_literal: true\ndef f; end", None),
        ("python", "def f():\n    b'bytes'", None),
        ("python", "def f():\n    'a' 'b'", "'a' 'b'"),
        ("python", "def f():\n    'a' f'b'", None),
        ("python", "def f():\n    x = 1\n    'late'", None),
        ("python", "def f(): 'short'", "'short'"),
        ("php", "<?php\n/** Doc. */\nfunction f() {}", "/** Doc. */"),
    ],
)
def test_what_counts_as_documentation(language: str, text: str, expected: str | None) -> None:
    """Only what the language takes for documentation, directly above or inside."""
    document = Document("x", None, language, text)
    doc = document.symbols()[-1].doc
    assert (document.text[doc.start : doc.end] if doc else None) == expected


def test_new_documentation_stays_below_a_shebang_and_above_directives() -> None:
    """A file's magic comments keep their lines, and a directive keeps its code."""
    ruby = Document("x", None, "ruby", "# frozen_string_literal: true\ndef f; end\n")
    assert ruby.symbols()[0].doc_at == ruby.text.index("def")
    script = Document("x", None, "javascript", "// eslint-disable-next-line x\nfunction f() {}\n")
    assert script.symbols()[0].doc_at == 0
