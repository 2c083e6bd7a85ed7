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


def inserted(language: str, code: str, new: str) -> Outcome:
    """What becomes of new lines before the last one of a type, or behind it in Python."""
    document = Document("file:///a/b", Path("/a/b"), language, code, 1)
    target = document.target(Span(0, 0))
    assert target.symbol is not None
    at = len(code) if language == "python" else code.rindex("}")
    return verify(Edit(Span(at, at), "", f"{new}\n"), document, target, "")


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
    ("language", "code", "answer", "reason"),
    [
        ("python", CODE, "total = a + b", "The answer does not define add any more."),
        (
            "go",
            "func add(a int, b int) int {\n\treturn a + b\n}",
            "return a + b",
            "The answer does not define add any more.",
        ),
        (
            "javascript",
            "function add(a, b) {\n  return a + b;\n}",
            "const sum = (a, b) => a + b;",
            "The answer renames add to sum: whatever uses it would break.",
        ),
    ],
)
def test_a_rewritten_definition_must_still_define_its_name(
    language: str, code: str, answer: str, reason: str
) -> None:
    """The body alone, or the definition under another name, would parse, and break every call."""
    _, outcome = rewritten(language, code, answer)
    assert isinstance(outcome, Refused)
    assert outcome.reason == reason


def test_a_rewritten_definition_may_change_its_form() -> None:
    """A function may become an arrow function, gain a decorator or a helper, as long as its name is defined."""
    code = "function add(a, b) {\n  return a + b;\n}"
    document = Document("file:///a/b", Path("/a/b"), "javascript", f"{code}\n", 1)
    target = document.target(Span(0, 0))
    helped = "const zero = () => 0;\n\nexport function add(a, b) {\n  return a + b + zero();\n}"
    for new in ("const add = (a, b) => a + b;", helped):
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
        (
            "cpp",
            "bool operator==(A a, B b) { return 0; }",
            "bool operator ==(A a, B b) { return 1; }",
        ),
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


def refactored(language: str, code: str, said: str, *, rest: str = "") -> Outcome:
    """What becomes of an answer to the refactoring of the definition `code`, with `rest` below it."""
    document = Document("file:///a/b", Path("/a/b"), language, f"{code}\n{rest}", 1)
    target = document.target(Span(0, len(code)))
    assert target.symbol is not None
    return verify(TASKS["refactor"].read(said, Subject(document, target)), document, target, said)


def test_a_placeholder_that_was_there_may_stay() -> None:
    """Only what the answer brings along is held against it."""
    code = "def f(a):\n    # ... existing code\n    b = a\n    return b"
    kept = "def f(a):\n    # ... existing code\n    return a"
    assert isinstance(refactored("python", code, f"```\n{kept}\n```"), Edit)
    more = kept.replace("    return", "    # ... existing code\n    return")
    refused = refactored("python", code, f"```\n{more}\n```")
    assert isinstance(refused, Refused)
    assert refused.reason == (
        "The answer leaves code out: it says “... existing code” in its place."
    )


@pytest.mark.parametrize(
    ("comment", "follows", "passes"),
    [
        ("Unchanged", "return a", True),
        ("Unchanged", "", False),
        ("Other cases", "return a", True),
        ("Other cases", "", False),
        ("The rest of the lines stays unchanged", "return a", True),
        ("Only the remaining code points count", "", True),
        ("... and so is the tail", "return a", True),
        ("... the remaining code ...", "return a", False),
        ("The original code", "return a", False),
    ],
)
def test_a_comment_counts_by_its_place_too(comment: str, follows: str, passes: bool) -> None:
    """A phrase that may head code is one where code follows it, and a placeholder where none does."""
    code = "def f(a):\n    if a:\n        g(a)\n    return a"
    new = f"def f(a):\n    if not a:\n        return a\n    g(a)\n    # {comment}\n    {follows}"
    said = f"```\n{new.rstrip()}\n```"
    made = refactored("python", code.replace("return a", "h(a)") if not follows else code, said)
    assert isinstance(made, Edit) == passes, made


def test_where_there_is_no_grammar_placeholders_are_seen_too() -> None:
    """A line that is a comment by its first character counts; words within a line do not."""
    document = Document("file:///a/b.lua", Path("/a/b.lua"), None, "a = 1\nb = 2\nc = 3\n", 1)
    target = document.target(Span(0, 0), whole_file=True)
    for new, passes in (
        ("a = 1\n-- ... rest of the code unchanged\n", False),
        ("a = 1\nb = 2 -- the rest of the code\nc = 4\n", True),
    ):
        made = verify(Edit(target.span, target.text, new), document, target, "")
        assert isinstance(made, Edit) == passes


@pytest.mark.parametrize(
    ("language", "code", "new", "remark"),
    [
        ("python", "def f(a):\n    return a", "def f(b):\n    return b", True),
        ("python", "def f(a):\n    return a", "def f(a: int) -> int:\n    return a + 0", False),
        ("go", "func f(a int) int {\n\treturn a\n}", "func f(b int) int {\n\treturn b\n}", False),
        ("go", "func f(a int) int {\n\treturn a\n}", "func f(a int64) int {\n\treturn 1\n}", True),
        ("javascript", "function f(a) {\n  return a;\n}", "const f = (b) => b;", False),
        ("javascript", "function f(a) {\n  return a;\n}", "async function f(a) {\n  return a;\n}", True),
    ],
)  # fmt: skip
def test_a_new_signature_is_said(language: str, code: str, new: str, remark: bool) -> None:
    """What callers may have to follow is remarked; what only the function itself knows is not."""
    made = refactored(language, code, f"```\n{new}\n```")
    assert isinstance(made, Edit)
    expected = "The signature changed: callers may need a change." if remark else ""
    assert made.remark == expected


def test_the_target_is_taken_out_of_what_is_repeated_around_it() -> None:
    """A whole file whose other text is the document's comes to the edit of the one function."""
    code, rest = "def f(a):\n    return (a)", "\n\ndef g():\n    return f(1)\n"
    new = "def f(a):\n    return a"
    made = refactored("python", code, f"```python\n{new}\n{rest}```", rest=rest)
    assert isinstance(made, Edit)
    assert made.new == new
    other = refactored("python", code, f"```python\n{new}\n{rest}# done\n```", rest=rest)
    assert isinstance(other, Refused)
    assert other.reason == "The answer defines g a second time: it holds more than f."


def test_code_without_a_fence_is_taken_if_it_is_nothing_else() -> None:
    """The whole answer must be the definition that was asked for."""
    code = "def f(a):\n    return (a)"
    assert isinstance(refactored("python", code, "def f(a):\n    return a\n"), Edit)
    for said in (
        "def g(a):\n    return a\n",
        "x = 1\n\ndef f(a):\n    return a\n",
        "Sure!\n\ndef f(a):\n    return a\n",
        "def f(a):\n    return a\n\nDone.",
    ):
        assert isinstance(refactored("python", code, said), Refused)


def test_a_neighbour_that_falls_into_the_answer_is_seen() -> None:
    """An answer that swallows the method below it is refused: Python would read it as an inner function."""
    text = "class A:\n    def f(self):\n        pass\n\n    def g(self):\n        pass\n"
    document, target = Document("file:///a", None, "python", text, 1), None
    target = document.target(Span(text.index("def f"), text.index("def f")))
    new = "def f(self):\n        pass\n\nclass B:\n    x = 1\n"
    made = verify(Edit(target.span, target.text, new), document, target, "")
    assert isinstance(made, Refused)
    assert "A.g" in made.reason


INSERTED = [
    ("python", "class A:\n    x: int\n", "    x: int", "x: int"),
    (
        "java",
        "class A {\n    private int x;\n}\n",
        "    private int x;\n\n    A() { }",
        "private int x;",
    ),
    ("typescript", "class A {\n  x: number = 1;\n}\n", "  x: number = 1;", "x: number = 1;"),
]


@pytest.mark.parametrize(("language", "code", "new", "line"), INSERTED)
def test_new_members_repeat_no_field(language: str, code: str, new: str, line: str) -> None:
    """A field that comes along with new members would stand twice in its type."""
    made = inserted(language, code, new)
    assert isinstance(made, Refused)
    assert made.reason == f"The answer repeats “{line}”, which A has already."


def test_what_may_stand_twice_in_a_type_may_come_with_new_members() -> None:
    """An access label, an attribute: only what names something is a repetition."""
    code = "class A {\npublic:\n    int x;\n};\n"
    assert isinstance(inserted("cpp", code, "public:\n    int twice() { return x + x; }"), Edit)


def test_new_code_defines_nothing_that_the_file_has() -> None:
    """The second one would take the place of the first, wherever in the file the code goes."""
    text = "# TODO: two\n\n\ndef one():\n    return 1\n"
    document = Document("file:///a.py", None, "python", text, 1)
    target = document.lines(Span(0, 0))
    both = "def two():\n    return 2\n\n\ndef one():\n    return 0\n"
    made = verify(Edit(target.span, target.text, both), document, target, "")
    assert isinstance(made, Refused)
    assert made.reason == "The answer defines one, which the file has already."
    two = "def two():\n    return 2"
    assert isinstance(verify(Edit(target.span, target.text, two), document, target, ""), Edit)


def test_a_test_file_that_only_defines_what_its_source_does_is_none(tmp_path: Path) -> None:
    """The source written anew, however changed, tests nothing."""
    document, target = python()
    again = NewFile(tmp_path / "test_sums.py", "def add(a, b):\n    return b + a\n")
    made = verify(again, document, target, "")
    assert isinstance(made, Refused)
    assert made.reason == "The new file only repeats sums.py."
    tests = replace(again, text=f"{CODE}\n\ndef test_add():\n    assert add(1, 2) == 3\n")
    assert verify(tests, document, target, "") == tests


def test_a_test_file_without_a_test_is_none(tmp_path: Path) -> None:
    """Other code tests nothing; what looks like any framework's test is let pass."""
    document, target = python()
    other = NewFile(tmp_path / "test_sums.py", "def total(a, b):\n    return a + b\n")
    made = verify(other, document, target, "")
    assert isinstance(made, Refused)
    assert made.reason == "The new file holds no test."
    for text in ("assert add(1, 2) == 3\n", "class AddSpec(Feature):\n    sums = 1\n"):
        tests = replace(other, text=text)
        assert verify(tests, document, target, "") == tests


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
    fine = NewFile(tmp_path / "test_c.py", "def test_f():\n    pass\n")
    assert verify(fine, document, target, "") == fine


def test_a_report_is_let_pass() -> None:
    """What only is shown needs no check."""
    document, target = python()
    report = Report("Explain add", "It adds.\n")
    assert verify(report, document, target, "It adds.") == report
