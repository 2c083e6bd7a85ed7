"""What a prompt says of the code around its target, in each language."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.effort import calls

from codefare.source.context import MOST_CHARACTERS, MOST_SIGNATURES, Context, Importer, context_of
from codefare.source.document import Document
from codefare.source.languages import LANGUAGES
from codefare.source.target import Scope, Span, Target
from codefare.source.uses import Use

SAMPLES = Path(__file__).parent.parent / "data" / "context"


def document(language: str | None, text: str) -> Document:
    """A document with `text`."""
    return Document("file:///code/here", Path("/code/here"), language, text)


def at(source: Document, name: str) -> Target:
    """The target that is the last definition of that name."""
    symbol = [one for one in source.symbols() if one.qualified_name == name][-1]
    return source.target(Span(symbol.signature.start, symbol.signature.start))


def of(language: str, text: str, name: str) -> Context:
    """The context of a definition of `text`."""
    source = document(language, text)
    return context_of(source, at(source, name))


def written(name: str, context: Context) -> str:
    """A context as the expected files have it."""
    parts = [name, "--- imports", *context.imports, "--- enclosing"]
    parts += [context.enclosing] if context.enclosing else []
    return "\n".join([*parts, "--- signatures", *context.signatures]) + "\n"


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_a_method_is_sent_with_what_it_uses_and_nothing_else(language: str) -> None:
    """Used imports, the header of its type, what it calls; names in comments and strings call nothing."""
    text = (SAMPLES / f"{language}.sample").read_text("utf-8")
    expected = (SAMPLES / f"{language}.expected").read_text("utf-8")
    name = expected.partition("\n")[0]
    assert written(name, of(language, text, name)) == expected


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_broken_code_has_a_context_all_the_same(language: str) -> None:
    """A file that ends anywhere, or holds rubbish anywhere, raises nothing."""
    text = (SAMPLES / f"{language}.sample").read_text("utf-8")
    for cut in range(1, len(text), 23):
        for broken in (text[:cut], f"{text[:cut]}}}(({{'{text[cut:]}"):
            source = document(language, broken)
            place = min(cut, len(broken) - 1)
            context_of(source, source.target(Span(place, place)))
            context_of(source, source.target(Span(0, cut)))


def test_an_edit_that_is_not_parsed_yet_does_no_harm() -> None:
    """The tree of the text before it is good enough."""
    source = document("python", "def helper(): ...\n\n\ndef f():\n    return helper()\n")
    assert source.parsed() is not None
    source.apply(Span(0, 0), "import os\n\n")
    assert not source.is_parsed
    place = source.text.index("return")
    context = context_of(source, source.target(Span(place, place)))
    assert context.signatures == ("def helper()",)


def test_plain_text_has_no_context() -> None:
    """Where there is no grammar, nothing is known beyond the text."""
    source = document(None, "some words\n")
    assert context_of(source, source.target(Span(0, 0))) == Context()


def test_the_whole_file_needs_no_context_of_its_own() -> None:
    """All of it is sent anyway."""
    source = document("python", "import os\n\ndef f(): g(os)\n\ndef g(x): ...\n")
    target = source.target(Span(0, 0), whole_file=True)
    assert target.scope is Scope.FILE
    assert context_of(source, target) == Context()


def test_selected_lines_say_which_function_they_stand_in() -> None:
    """The signatures around the lines are the enclosing part."""
    text = "class A:\n    def f(self, x):\n        y = x\n        z = g(y)\n        return z\n\ndef g(y): ...\n"
    source = document("python", text)
    chosen = Span(text.index("y = x") - 3, text.index("return z") - 9)
    context = context_of(source, source.target(chosen))
    assert context.enclosing == "class A\n    def f(self, x)"
    assert context.signatures == ("def g(y)",)


def test_a_parameter_is_not_the_function_of_the_same_name() -> None:
    """A name that the target takes as a parameter means that, unless it is called."""
    text = (
        "def count(x): ...\n\ndef text(x): ...\n\ndef f(count, text):\n    return count + text(1)\n"
    )
    assert of("python", text, "f").signatures == ("def text(x)",)


def test_what_a_function_keeps_to_itself_is_not_what_others_call() -> None:
    """A nested function is out of sight of the functions beside it, and in sight of its own."""
    text = "def a():\n    def inner(): ...\n    def other():\n        inner()\n\ndef b():\n    inner()\n"
    assert of("python", text, "b").signatures == ()
    assert of("python", text, "a.other").signatures == ("# in a\ndef inner()",)


def test_a_method_of_another_type_is_named_if_few_could_be_meant() -> None:
    """A call on an unknown object names its possible methods, but not each `get` of a file."""
    classes = "".join(f"class C{i}:\n    def get(self): ...\n\n" for i in range(9))
    text = f"{classes}class D:\n    def load(self): ...\n\ndef f(x):\n    x.get()\n    x.load()\n"
    assert of("python", text, "f").signatures == ("# in D\ndef load(self)",)


def test_what_is_called_most_and_stands_nearest_is_kept() -> None:
    """Of more signatures than there is room for, the most used and nearest remain, in the file's order."""
    before = "".join(f"def far_{i}(): ...\n" for i in range(200))
    calls = "".join(f"    far_{i}()\n" for i in range(200))
    text = f"{before}def f():\n{calls}    far_3()\n"
    kept = of("python", text, "f").signatures
    assert len(kept) == MOST_SIGNATURES
    assert kept[0] == "def far_3()"
    assert kept[1:] == tuple(f"def far_{i}()" for i in range(201 - MOST_SIGNATURES, 200))


def test_a_context_has_a_bound() -> None:
    """However much is used, no more than so many characters are sent."""
    doc = "word " * 30
    many = "".join(f'def far_{i}(a, b, c):\n    """{doc}{i}."""\n\n' for i in range(80))
    imports = "".join(f"from somewhere.far.away import thing_{i}\n" for i in range(80))
    uses = "".join(f"    far_{i}(thing_{i})\n" for i in range(80))
    context = of("python", f"{imports}{many}def f():\n{uses}", "f")
    size = sum(map(len, (*context.imports, context.enclosing, *context.signatures)))
    assert MOST_CHARACTERS - 300 < size <= MOST_CHARACTERS


class Known:
    """A project that knows some signatures, and notes what it was asked."""

    def __init__(self, **signatures: str) -> None:
        self.signatures = signatures
        self.asked: list[tuple[str, str]] = []
        self.importers: set[Path] = set()

    def signature_of(self, use: Use, importer: Importer) -> str:
        """The signature of a name, if it is known."""
        self.asked.append((use.receiver, use.name))
        self.importers.add(importer.path)
        return self.signatures.get(use.name, "")


def test_the_project_is_asked_for_what_the_file_does_not_define() -> None:
    """Names of the file itself and of its own object are not asked for."""
    text = (
        "from shop import price, tax as vat\n\ndef own(): ...\n\n"
        "class A:\n    def f(self, x):\n        self.g(own(), price(x), vat.rate)\n"
    )
    project = Known(price="def price(x)", rate="def rate()", own="never", g="never")
    source = document("python", text)
    context = context_of(source, at(source, "A.f"), project)
    assert context.foreign == ("def price(x)", "def rate()")
    assert ("", "own") not in project.asked
    assert ("vat", "rate") in project.asked
    assert project.importers == {Path("/code/here")}


def test_a_context_is_found_in_a_moment() -> None:
    """In a file of 10,000 lines the work is that of one pass over the tree, not of its square."""
    body = "".join(
        f"def f_{i}(a, b):\n    x = a + b\n    return f_{i - 1}(x, b)\n\n\n" for i in range(2000)
    )
    large, small = document("python", body), document("python", body[: len(body) // 10])
    target = at(large, "f_1000")
    assert context_of(large, target).signatures == ("def f_999(a, b)",)
    less = calls(lambda: context_of(small, at(small, "f_100")))
    assert calls(lambda: context_of(large, target)) < 15 * less
