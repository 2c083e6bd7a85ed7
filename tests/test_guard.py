"""What an answer must satisfy before it may touch a file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.built_in import TASKS

from codefare.guard import verify
from codefare.providers.offline import answer
from codefare.source.document import Document
from codefare.source.target import Span, Target
from codefare.tasks import Subject
from codefare.tasks.outcome import Edit, NewFile, Outcome, Refused, Report

SAMPLES = Path(__file__).parent / "data" / "offline"
LANGUAGES = sorted(path.stem for path in SAMPLES.glob("*.sample"))
CODE = "def add(a, b):\n    return a + b\n"


def python(text: str = CODE) -> tuple[Document, Target]:
    """A document and its first definition."""
    document = Document("file:///a/sums.py", Path("/a/sums.py"), "python", text, 1)
    return document, document.target(Span(0, 0))


def documented(document: Document) -> list[tuple[Target, Edit]]:
    """Each definition with the comment that the offline engine writes for it."""
    task, made = TASKS["document"], []
    for symbol in document.symbols():
        target = document.target(Span(symbol.signature.start, symbol.signature.start))
        if target.symbol == symbol and not task.objection(Subject(document, target)):
            outcome = task.read(answer("document", document, target), Subject(document, target))
            if isinstance(outcome, Edit):
                made.append((target, outcome))
    return made


def rewritten(language: str, code: str, answer: str) -> tuple[Edit, Outcome]:
    """The edit that puts an answer in place of the definition `code`, and what becomes of it."""
    document = Document("file:///a/b", Path("/a/b"), language, f"{code}\n", 1)
    target = document.target(Span(0, 0))
    assert target.symbol is not None
    edit = Edit(target.span, target.text, answer)
    return edit, verify(edit, document, target, answer)


@pytest.mark.parametrize("language", LANGUAGES)
def test_comments_are_let_into_a_file_with_errors_elsewhere(language: str) -> None:
    """A definition can be documented while another part of its file is being written."""
    text = (SAMPLES / f"{language}.sample").read_text("utf-8")
    document = Document("file:///a/b", Path("/a/b"), language, f"{text}\n)(\n", 1)
    made = documented(document)
    assert made
    for target, edit in made:
        assert verify(edit, document, target, "") == edit, target.label


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("tail", ["", "\n)(\n"], ids=["intact", "broken"])
def test_code_is_not_let_in_as_a_comment(language: str, tail: str) -> None:
    """A comment that brings a statement along is refused, be the rest of the file in order or not."""
    text = (SAMPLES / f"{language}.sample").read_text("utf-8")
    document = Document("file:///a/b", Path("/a/b"), language, text + tail, 1)
    target, edit = documented(document)[0]
    indent = edit.new[: len(edit.new) - len(edit.new.lstrip())]
    smuggled = replace(edit, new=f"{edit.new.rstrip()}\n{indent}stolen = 1;\n{indent}")
    assert isinstance(verify(smuggled, document, target, "the answer"), Refused)


def test_an_edit_of_another_text_is_refused() -> None:
    """What does not meet the text that it was made for changes nothing, and its answer is kept."""
    document, target = python()
    outcome = verify(Edit(Span(4, 7), "sub", "sum"), document, target, "the answer")
    assert outcome == Refused(
        "The code changed while the model worked.",
        "Nothing was changed. Run the action again, or pick another model.",
        "the answer",
    )


def test_an_edit_may_not_add_syntax_errors() -> None:
    """Code that parsed must parse afterwards."""
    document, target = python()
    outcome = verify(
        Edit(Span(0, len(CODE)), CODE, "def add(a, b:\n    pass\n"), document, target, ""
    )
    assert isinstance(outcome, Refused)
    assert "does not parse" in outcome.reason


def test_an_edit_may_leave_errors_that_were_there() -> None:
    """Code that did not parse may be rewritten, if that makes it no worse."""
    document, target = python("def add(a, b:\n    return a + b\n")
    edit = Edit(Span(4, 7), "add", "sum")
    assert verify(edit, document, target, "") == edit


@pytest.mark.parametrize(
    ("language", "code", "answer"),
    [
        ("python", CODE, "total = a + b"),
        ("go", "func add(a int, b int) int {\n\treturn a + b\n}", "return a + b"),
        ("javascript", "function add(a, b) {\n  return a + b;\n}", "const sum = (a, b) => a + b;"),
    ],
)
def test_a_rewritten_definition_must_still_define_its_name(
    language: str, code: str, answer: str
) -> None:
    """The body alone, or the definition under another name, would parse, and break every call."""
    _, outcome = rewritten(language, code, answer)
    assert isinstance(outcome, Refused)
    assert outcome.reason == "The answer does not define add any more."


def test_a_rewritten_definition_may_change_its_form() -> None:
    """A function may become an arrow function, gain a decorator or a sibling, as long as its name is defined."""
    code = "function add(a, b) {\n  return a + b;\n}"
    document = Document("file:///a/b", Path("/a/b"), "javascript", f"{code}\n", 1)
    target = document.target(Span(0, 0))
    for new in ("const add = (a, b) => a + b;", f"function zero() {{}}\n\nexport {code}"):
        edit = Edit(target.span, target.text, new)
        assert verify(edit, document, target, new) == edit
    document, target = python()
    edit = Edit(target.span, target.text, f"@cache\n{CODE}")
    assert verify(edit, document, target, "") == edit


@pytest.mark.parametrize(
    ("language", "code", "answer"),
    [
        ("rust", "impl<'a> Foo<'a> {\n    fn f() {}\n}", "impl Foo<'_> {\n    fn f() {}\n}"),
        ("rust", "impl fmt::Debug for A {}", "impl std::fmt::Debug for A {}"),
        ("cpp", "bool operator==(A a, B b) { return 0; }", "bool operator ==(A a, B b) {}"),
        ("ruby", "def name\n  @name\nend", "attr_reader :name"),
        ("ruby", "def name=(value)\n  @name = value\nend", "private attr_accessor :age, :name"),
        ("ruby", "class A\n  def f\n  end\nend", "A = Struct.new(:x) do\n  def f\n  end\nend"),
        ("python", "class A:\n    x: int", 'A = namedtuple(\n    "A",\n    "x",\n)'),
        ("python", "def f(a):\n    return a", "f: Any = cache(lambda a: a)"),
        ("javascript", "function f(a) {\n  g(1, a);\n}", "export const f = partial(g, 1);"),
    ],
)
def test_a_rewritten_definition_may_keep_its_name_in_another_form(
    language: str, code: str, answer: str
) -> None:
    """The header of an `impl` written otherwise, an attribute, or a value of the name is no loss of the definition."""
    edit, outcome = rewritten(language, code, answer)
    assert outcome == edit


@pytest.mark.parametrize(
    ("language", "code", "answer"),
    [
        ("rust", "impl Foo {\n    fn f() {}\n}", "fn f() {}"),
        ("ruby", "def name\n  @name\nend", "@name"),
        ("ruby", "def name\n  @name\nend", "attr_writer :name"),
        ("ruby", "def name=(value)\n  @name = value\nend", "@name = value"),
        ("javascript", "function f(a) {\n  return a;\n}", "let f = 0;\nf += g();\nconst h = f;"),
        ("python", "def f(a):\n    return a", "f = 0\nif a:\n    f = 1\nreturn f"),
    ],
)
def test_a_body_that_speaks_of_its_name_defines_it_no_more(
    language: str, code: str, answer: str
) -> None:
    """The body alone is refused though a variable in it has the definition's name."""
    _, outcome = rewritten(language, code, answer)
    assert isinstance(outcome, Refused)
    assert "does not define" in outcome.reason


def test_a_new_file_must_be_new_and_parse(tmp_path: Path) -> None:
    """An existing file is never written over, nor through a link that leads nowhere; half a file is not written."""
    document, target = python()
    there, link = tmp_path / "test_a.py", tmp_path / "test_b.py"
    there.write_text("kept")
    link.symlink_to(tmp_path / "nowhere")
    for path in (there, link):
        outcome = verify(NewFile(path, "pass\n"), document, target, "")
        assert isinstance(outcome, Refused)
        assert outcome.reason == f"{path.name} exists already."
    broken = verify(NewFile(tmp_path / "test_c.py", "def f(:\n"), document, target, "")
    assert isinstance(broken, Refused)
    fine = NewFile(tmp_path / "test_c.py", "pass\n")
    assert verify(fine, document, target, "") == fine


def test_a_report_is_let_pass() -> None:
    """What only is shown needs no check."""
    document, target = python()
    report = Report("Explain add", "It adds.\n")
    assert verify(report, document, target, "It adds.") == report
