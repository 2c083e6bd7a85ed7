"""What definitions say about themselves, in each language."""

from __future__ import annotations

import sysconfig
from pathlib import Path

import pytest
from tests.effort import calls

from codefare.source.document import Document
from codefare.source.facts import Outline
from codefare.source.outline import outline, outline_file, outline_lines
from codefare.source.roles import ParameterKind, Role
from codefare.source.shapes import SHAPES
from codefare.source.target import Span

SAMPLES = Path(__file__).parent.parent / "data" / "offline"
LANGUAGES = sorted(SHAPES)


def document(language: str, text: str) -> Document:
    """A document with `text`."""
    return Document("file:///code", None, language, text)


def sample(language: str) -> Document:
    """The sample of a language."""
    return document(language, (SAMPLES / f"{language}.sample").read_text("utf-8"))


def read(source: Document, name: str) -> Outline:
    """The outline of the last definition of that name."""
    found = [one for one in source.symbols() if one.qualified_name == name]
    return outline(source, found[-1])


def of(language: str, text: str, name: str) -> Outline:
    """The outline of a definition of `text`."""
    return read(document(language, text), name)


def named(one: Outline) -> list[tuple[str, str, str, str]]:
    """Name, type, default and kind of each parameter."""
    return [(p.name, p.type, p.default, p.kind.value) for p in one.parameters]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_definition_of_a_sample_has_an_outline(language: str) -> None:
    """Each definition is read, with lines that lie in the file."""
    source = sample(language)
    for symbol in source.symbols():
        one = outline(source, symbol)
        assert one.name == symbol.name
        assert 1 <= one.line <= one.end_line <= source.text.count("\n") + 1
        for step in one.steps:
            assert one.line <= step.line <= one.end_line


def test_python_parameters_have_their_types_defaults_and_kinds() -> None:
    """Positional-only, keyword-only, starred and typed parameters are told apart."""
    one = of(
        "python",
        "class A:\n    def f(self, a, /, b: int, *c: str, d=1, e: int = 2, **g): ...\n",
        "A.f",
    )
    assert named(one) == [
        ("self", "", "", "receiver"),
        ("a", "", "", "positional-only"),
        ("b", "int", "", "positional"),
        ("c", "str", "", "variadic"),
        ("d", "", "1", "keyword"),
        ("e", "int", "2", "keyword"),
        ("g", "", "", "keywords"),
    ]


@pytest.mark.parametrize(
    ("language", "text", "name", "expected"),
    [
        ("javascript", "function f(a, b = 1, ...c) {}", "f", ["a", "b", "c"]),
        (
            "typescript",
            "function f(this: X, a: A, b?: B, ...c: C[]) {}",
            "f",
            ["this", "a", "b", "c"],
        ),
        ("tsx", "const F = (p: P) => <b/>;", "F", ["p"]),
        ("go", "package p\nfunc (s *S) F(a, b int, c ...string) {}", "S.F", ["s", "a", "b", "c"]),
        ("rust", "fn f(mut a: u8, b: &str) {}", "f", ["a", "b"]),
        ("java", "class A { void f(final int a, String... b) {} }", "A.f", ["a", "b"]),
        (
            "c",
            "int f(const char *a, int (*b)(int), int c[], ...) { return 0; }",
            "f",
            ["a", "b", "c", "..."],
        ),
        ("cpp", "int f(const T& a, int b = 1) { return 0; }", "f", ["a", "b"]),
        ("csharp", "class A { void F(int a, params string[] b) {} }", "A.F", ["a", "b"]),
        (
            "ruby",
            "def f(a, b = 1, *c, d:, e: 2, **g, &h)\nend",
            "f",
            ["a", "b", "c", "d", "e", "g", "h"],
        ),
        ("php", "<?php function f(int $a, ?string $b = null, ...$c) {}", "f", ["$a", "$b", "$c"]),
    ],
)
def test_parameters_are_named_in_every_language(
    language: str, text: str, name: str, expected: list[str]
) -> None:
    """The names stand in their order, with the receiver first."""
    assert [one.name for one in of(language, text, name).parameters] == expected


@pytest.mark.parametrize(
    ("language", "text", "name", "expected"),
    [
        ("python", "def f() -> dict[str, int]: ...", "f", "dict[str, int]"),
        ("typescript", "function f(): Promise<void> {}", "f", "Promise<void>"),
        ("go", "package p\nfunc F() (int, error) { return 0, nil }", "F", "(int, error)"),
        ("rust", "fn f() -> Result<u8, E> { todo!() }", "f", "Result<u8, E>"),
        ("java", "class A { static <T> List<T> f() { return null; } }", "A.f", "List<T>"),
        ("c", "static unsigned long *f(int a) { return 0; }", "f", "unsigned long *"),
        ("cpp", "auto f(int a) -> int { return a; }", "f", "int"),
        ("csharp", "class A { async Task<int> F() { return 1; } }", "A.F", "Task<int>"),
        ("php", "<?php function f(): ?int { return 1; }", "f", "?int"),
    ],
)
def test_the_type_of_the_result_is_read_without_modifiers(
    language: str, text: str, name: str, expected: str
) -> None:
    """The result's type is as it is written."""
    assert of(language, text, name).returns == expected


def test_an_error_knows_the_condition_it_is_raised_under() -> None:
    """The nearest `if` stands around the error, with its condition."""
    one = read(sample("python"), "parse_header")
    last = one.raises[-1]
    assert (last.error, last.line) == ("ValueError", 84)
    assert one.around(last)[0].text == 'strict and ":" not in text'


@pytest.mark.parametrize(
    ("language", "name", "errors"),
    [
        ("python", "Basket.add", ["OrderError", "OrderError", ""]),
        ("javascript", "parseSize", ["Error", "TypeError"]),
        ("typescript", "clamp", ["RangeError"]),
        ("go", "mustPositive", ["panic"]),
        ("rust", "wait", ["panic"]),
        ("java", "OrderReader.readAll", ["IOException"]),
        ("cpp", "bank.Account.deposit", ["std::out_of_range", ""]),
        ("csharp", "Cart.Add", ["ArgumentException"]),
        ("ruby", "Library.Shelf.add", ["ArgumentError"]),
        ("php", "half", ["InvalidArgumentException", "OutOfRangeException"]),
    ],
)
def test_errors_are_named_in_every_language(language: str, name: str, errors: list[str]) -> None:
    """An error raised again after it was caught has no name of its own."""
    assert [step.error for step in read(sample(language), name).raises] == errors


@pytest.mark.parametrize(
    ("language", "name", "results"),
    [
        ("python", "Basket.is_valid_name", ["False", "False", "name.isprintable()"]),
        ("javascript", "isReady", ["queue !== null && queue.length > 0"]),
        ("rust", "sign", ['"zero"', '"negative"', '"positive"']),
        ("rust", "checked_div", ["None", "Some(a / b)"]),
        ("ruby", "double", ["0", "n * 2"]),
        ("csharp", "Cart.Name", ['"cart"']),
        ("c", "sign", ["-1", "0", "1"]),
    ],
)
def test_results_are_read_where_they_are_implicit_too(
    language: str, name: str, results: list[str]
) -> None:
    """The last expression counts where the language says so."""
    assert [step.text for step in read(sample(language), name).results] == results


def test_what_a_callback_returns_is_not_the_functions_result() -> None:
    """A `return` in a callback is marked, and left out of the results."""
    one = of(
        "javascript",
        "function f(a) { a.map((x) => { if (x) { return 1; } return 2; }); return 3; }",
        "f",
    )
    assert [step.text for step in one.results] == ["3"]


def test_a_block_of_ruby_returns_from_its_method() -> None:
    """A `return` in a block leaves the method."""
    one = of("ruby", "def f(xs)\n  xs.each do |x|\n    return x if x\n  end\n  nil\nend\n", "f")
    assert [step.text for step in one.results] == ["x", "nil"]


def test_cases_that_fall_through_are_one_case() -> None:
    """Labels without statements are joined with the next."""
    one = read(sample("javascript"), "parseSize")
    assert [step.text for step in one.branches if step.kind is Role.CASE] == ['"kb", "KB"', '"mb"']


def test_an_else_if_is_no_deeper_than_its_if() -> None:
    """A chain of conditions has one depth."""
    one = of("c", "int f(int a) { if (a) return 1; else if (a > 2) return 2; else return 3; }", "f")
    assert [(step.kind.value, step.depth) for step in one.branches] == [
        ("if", 0),
        ("elif", 0),
        ("else", 0),
    ]


def test_attributes_that_a_method_sets_are_found() -> None:
    """Each language names its own object."""
    assert read(sample("python"), "Basket.__init__").assigned == ("owner", "limit", "_items")
    assert read(sample("ruby"), "Library.Shelf.initialize").assigned == ("name", "books")
    assert of("go", "package p\nfunc (c *C) F() { c.n = 1 }", "C.F").assigned == ("n",)
    assert of("java", "class A { A() { this.x = 1; } }", "A.A").assigned == ("x",)
    assert of("php", "<?php class A { function f() { $this->x = 1; } }", "A.f").assigned == ("x",)


def test_flags_are_read_from_the_words_before_the_name() -> None:
    """Async, static, abstract, generator and who may use it."""
    assert read(sample("csharp"), "Cart.LoadAsync").is_async
    assert read(sample("csharp"), "Cart.LoadAsync").is_static
    assert read(sample("typescript"), "Store.load").is_abstract
    assert read(sample("python"), "batches").is_generator
    assert read(sample("python"), "Basket._notify").is_private
    assert read(sample("java"), "OrderReader.secret").is_private
    assert read(sample("ruby"), "Library.Shelf.lookup").is_private
    assert read(sample("go"), "mustPositive").is_private
    assert not read(sample("rust"), "parse_pair").is_private
    assert read(sample("c"), "each").is_private


@pytest.mark.parametrize(
    ("language", "name", "members", "fields"),
    [
        (
            "python",
            "Basket",
            ["__init__", "total", "is_valid_name", "from_json", "add", "_notify"],
            [],
        ),
        ("go", "Cache", ["Get", "Set"], ["limit", "items", "Now"]),
        ("rust", "Settings", ["new", "get", "set"], ["name", "values"]),
        ("typescript", "Color", [], ["Red", "Green"]),
        ("java", "OrderReader.State", [], ["OPEN", "CLOSED"]),
        ("c", "buffer", [], ["data", "used", "size"]),
        ("ruby", "Library.Shelf", None, ["name", "books"]),
        ("php", "Mailer", ["__construct", "send", "flush", "isAddress"], ["$queue", "$from"]),
    ],
)
def test_classes_have_members_and_fields(
    language: str, name: str, members: list[str] | None, fields: list[str]
) -> None:
    """Methods that a language keeps outside of its type are members of it too."""
    found = [one for one in sample(language).symbols() if one.qualified_name == name]
    one = outline(
        source := sample(language), source.symbols()[sample(language).symbols().index(found[0])]
    )
    assert [field.name for field in one.fields] == fields
    if members is not None:
        assert [member.name for member in one.members] == members


def test_a_file_says_what_it_imports_and_defines() -> None:
    """Imports with their names, the definitions at the top, and what runs when it is loaded."""
    found = outline_file(sample("python"))
    assert [one.modules[0] for one in found.imports[1:3]] == ["asyncio", "json"]
    assert {"Iterator", "dataclass", "json", "Basket"} <= found.names
    assert [one.name for one in found.definitions][:2] == ["OrderError", "Item"]
    assert [step.kind for step in found.steps if step.kind is not Role.DEFINITION] == [
        Role.IF,
        Role.CALL,
    ]
    assert found.doc.startswith('"""Orders')


def test_exports_of_a_script_are_known() -> None:
    """Named and default exports are told apart, and CommonJS from modules."""
    found = outline_file(sample("javascript"))
    assert found.exports["readConfig"] == "default"
    assert found.exports["parseSize"] == "named"
    assert "hidden" not in found.exports
    common = outline_file(document("javascript", "function a() {}\nmodule.exports = { a };\n"))
    assert (common.exports, common.common) == ({"a": "named"}, True)


def test_selected_lines_are_read_alone() -> None:
    """Only what lies in the selection is told."""
    source = sample("python")
    start = source.text.index("for _ in range(count)")
    end = source.text.index("match item.name")
    found = outline_lines(source, Span(start, end))
    assert [step.kind for step in found.steps if step.depth == 0] == [
        Role.LOOP,
        Role.ELSE,
        Role.TRY,
        Role.CATCH,
        Role.CATCH,
        Role.FINALLY,
    ]
    assert (found.line, found.calls[0]) == (55, "range")


def test_a_guard_is_leading_until_something_else_ran() -> None:
    """A condition after a plain statement is not decided by the parameters alone."""
    one = of(
        "python",
        "def f(a):\n    if a < 1:\n        return 1\n    a = g()\n    if a < 2:\n        return 2\n",
        "f",
    )
    assert [step.leading for step in one.branches] == [True, False]


@pytest.mark.parametrize(
    ("text", "op", "left", "right"),
    [
        ("x is None", "null", "x", "None"),
        ("not x", "false", "x", ""),
        ("not (x < 1)", ">=", "x", "1"),
        ("len(x) == 0", "empty", "x", ""),
        ("0 < x", ">", "x", "0"),
        ("not isinstance(x, (int, str))", "is not a", "x", "(int, str)"),
        ("x not in y", "not in", "x", "y"),
        ("x.ok()", "truth", "x.ok()", ""),
    ],
)
def test_conditions_are_read_by_their_meaning(text: str, op: str, left: str, right: str) -> None:
    """Negations, idioms and mirrored comparisons come to one form."""
    one = of("python", f"def f(x, y):\n    if {text}:\n        return 1\n", "f")
    found = one.branches[0].condition
    assert found is not None
    assert (found.op, found.left, found.right) == (op, left, right)


def test_very_deep_code_is_no_danger() -> None:
    """No recursion: depth of the source is no limit."""
    deep = "def f(x):\n    return " + "(" * 3000 + "x" + ")" * 3000 + "\n"
    assert of("python", deep, "f").results


def test_a_long_function_is_read_quickly() -> None:
    """Ten times as many lines are ten times the work, not a hundred times."""

    def work(parts: int) -> int:
        body = "".join(
            f"    if x > {n}:\n        total = compute(x, {n})\n"
            "        if not total:\n            raise ValueError('no')\n"
            for n in range(parts)
        )
        source = document("python", f"def f(x):\n{body}    return x\n")
        symbol = source.symbols()[0]
        return calls(lambda: outline(source, symbol))

    work(5)  # what is done once for a language
    assert work(500) < 15 * work(50)


@pytest.mark.parametrize("name", ["textwrap", "argparse", "dataclasses", "statistics", "csv"])
def test_the_standard_library_agrees_with_ast(name: str) -> None:
    """Parameters and errors of real code are those that Python itself sees."""
    import ast  # noqa: PLC0415, RUF100  only this test compares with it

    path = Path(sysconfig.get_paths()["stdlib"]) / f"{name}.py"
    text = path.read_text("utf-8")
    source = document("python", text)
    by_line = {
        node.lineno: node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    checked = 0
    for symbol in source.symbols():
        line = text.count("\n", 0, symbol.signature.start) + 1
        node = by_line.get(line)
        if node is None or symbol.kind == "class":
            continue
        one = outline(source, symbol)
        a = node.args
        names = [arg.arg for arg in [*a.posonlyargs, *a.args]]
        names += [a.vararg.arg] if a.vararg else []
        names += [arg.arg for arg in a.kwonlyargs]
        names += [a.kwarg.arg] if a.kwarg else []
        assert [parameter.name for parameter in one.parameters] == names
        variadic = [p.name for p in one.parameters if p.kind is ParameterKind.VARIADIC]
        assert variadic == ([a.vararg.arg] if a.vararg else [])
        assert len(one.raises) == len(_own(node, ast.Raise))
        assert len(one.results) == len(_own(node, ast.Return))
        checked += 1
    assert checked > 5


def _own(function: object, kind: type) -> list[object]:
    """The nodes of a kind in a function, but not in the definitions inside it."""
    import ast  # noqa: PLC0415, RUF100  same

    found: list[object] = []
    pending = list(ast.iter_child_nodes(function))  # type: ignore[arg-type]  # it is an ast node
    while pending:
        node = pending.pop()
        if isinstance(node, kind):
            found.append(node)
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            pending.extend(ast.iter_child_nodes(node))
    return found
