"""Documentation comments that the offline engine writes."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.built_in import TASKS

from codefare.errors import TargetError
from codefare.guard import verify
from codefare.providers.offline import answer
from codefare.source.document import Document
from codefare.source.languages import LANGUAGES
from codefare.source.shapes import SHAPES
from codefare.source.target import Span
from codefare.tasks import Subject
from codefare.tasks.outcome import Edit, Refused

SAMPLES = Path(__file__).parent.parent / "data" / "offline"


def opened(language: str, text: str | None = None) -> Document:
    """A document with the sample of a language, or with `text`."""
    suffix = LANGUAGES[language].extensions[0]
    path = Path(f"/nowhere/sample{suffix}")
    code = text if text is not None else (SAMPLES / f"{language}.sample").read_text("utf-8")
    return Document(path.as_uri(), path, language, code)


def documented(source: Document, name: str) -> str:
    """The comment for a definition, out of its fence."""
    symbol = next(one for one in source.symbols() if one.qualified_name == name)
    target = source.target(Span(symbol.signature.start, symbol.signature.start))
    text = answer("document", source, target)
    return text.split("\n", 1)[1].rsplit("\n```", 1)[0]


def of(language: str, text: str, name: str) -> str:
    """The comment for a definition of `text`."""
    return documented(opened(language, text), name)


@pytest.mark.parametrize("language", sorted(SHAPES))
def test_each_comment_lands_as_a_comment_and_only_once(language: str) -> None:
    """The guard accepts it, and documenting what is documented changes nothing."""
    source, task = opened(language), TASKS["document"]
    landed = 0
    for symbol in source.symbols():
        target = source.target(Span(symbol.signature.start, symbol.signature.start))
        if target.symbol != symbol or task.objection(Subject(source, target)):
            continue
        try:
            text = answer("document", source, target)
        except TargetError:
            continue
        outcome = task.read(text, Subject(source, target))
        if isinstance(outcome, Refused):
            assert "comment would stay as it is" in outcome.reason
            continue
        assert isinstance(outcome, Edit)
        assert verify(outcome, source, target, text) == outcome
        start, end = outcome.span
        again = opened(language, source.text[:start] + outcome.new + source.text[end:])
        same = [
            one
            for one in again.symbols()
            if (one.qualified_name, one.kind) == (symbol.qualified_name, symbol.kind)
        ]
        if len(same) == 1:
            second = again.target(Span(same[0].signature.start, same[0].signature.start))
            after = task.read(answer("document", again, second), Subject(again, second))
            assert isinstance(after, Refused), text
        landed += 1
    assert landed >= 3


def test_python_gets_a_docstring_in_google_style() -> None:
    """Summary, arguments, result and errors, each from the tree."""
    assert documented(opened("python"), "parse_header") == (
        '"""Parse the header.\n'
        "\n"
        "Args:\n"
        "    text: The text.\n"
        "    strict: Whether to be strict. Defaults to `False`.\n"
        "\n"
        "Returns:\n"
        "    `None` if `text` is None, otherwise `key.strip(), value.strip()`.\n"
        "\n"
        "Raises:\n"
        "    TypeError: If `text` is not of type `str`.\n"
        '    ValueError: If `strict` is true and `":"` is not in `text`.\n'
        '"""'
    )


def test_a_generator_yields() -> None:
    """A generator has a section for what it yields, and none for a result."""
    text = documented(opened("python"), "batches")
    assert "Yields:\n    `items[start : start + size]`." in text
    assert "Returns:" not in text


def test_javascript_gets_jsdoc_with_types_as_far_as_they_are_known() -> None:
    """A type comes from a default, a literal or a check in the body; else it is open."""
    text = documented(opened("javascript"), "parseSize")
    assert '@param {string} [unit="kb"] - The unit. Defaults to `"kb"`.' in text
    assert "@throws {TypeError} If `text` is not of type `string`." in text


def test_typescript_gets_tsdoc_without_types() -> None:
    """The signature has the types already."""
    text = documented(opened("typescript"), "clamp")
    assert "@param low - The low value." in text
    assert "@throws {@link RangeError} If `low` is greater than `high`." in text


def test_go_begins_with_the_name_and_has_no_markup() -> None:
    """Go's convention: a sentence that starts with the name."""
    source = opened("go")
    assert documented(source, "IsBlank") == "// IsBlank reports whether text is blank."
    assert documented(source, "NewCache") == (
        "// NewCache creates a cache. It returns an error if limit is at most 0."
    )


def test_rust_has_sections_for_errors_and_panics() -> None:
    """A section is there only where the code has errors or panics."""
    source = opened("rust")
    assert documented(source, "parse_pair") == (
        "/// Parses the pair.\n///\n/// # Errors\n///\n"
        "/// Returns an error if `text` is empty or if `text.split_once` or `value.trim` fail."
    )
    assert "# Panics\n///\n/// Panics if `seconds` is greater than `60`." in documented(
        source, "wait"
    )
    assert "#" not in documented(source, "sign")


def test_java_doxygen_csharp_yard_and_phpdoc_have_their_tags() -> None:
    """Each language has its own tags and its own way to mark code."""
    assert "@throws IOException If {@code strict} is true" in documented(
        opened("java"), "OrderReader.readAll"
    )
    assert " * @brief Adds to the buffer." in documented(opened("c"), "buffer_add")
    sharp = documented(opened("csharp"), "Cart.Add")
    assert '/// <param name="count">The count. Defaults to <c>1</c>.</param>' in sharp
    assert '/// <exception cref="ArgumentException">' in sharp
    assert "# @raise [ArgumentError] If `count` is less than `1`." in documented(
        opened("ruby"), "Library.Shelf.add"
    )
    assert " * @param ?string $subject The subject. Optional." in documented(
        opened("php"), "Mailer.send"
    )


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("def is_valid(name): return name > 1", "is_valid", "Return whether `name` is valid."),
        (
            "class Cart:\n    def has_items(self): return self.x > 1",
            "Cart.has_items",
            "Return whether the cart has items.",
        ),
        ("def get_user(key): return key", "get_user", "Return the user."),
        ("def to_json(value): return value", "to_json", "Return `value` as JSON."),
        (
            "class Big:\n    @classmethod\n    def from_text(cls, t): return cls(t)",
            "Big.from_text",
            "Create a big from text.",
        ),
        (
            "class Big:\n    def __init__(self, a): self.a = a",
            "Big.__init__",
            "Initialize the big.",
        ),
        ("class Big:\n    def __len__(self): return 1", "Big.__len__", "Return the length."),
        ("class Big:\n    @property\n    def size(self): return 1", "Big.size", "The size."),
        ("class HTTPServer:\n    pass", "HTTPServer", "An HTTP server."),
        ("class Missing(KeyError):\n    pass", "Missing", "An error: missing."),
        ("def test_empty(): pass", "test_empty", "Test empty."),
        ("def parseHTTPHeader(x): return x", "parseHTTPHeader", "Parse the HTTP header."),
        ("def main(): pass", "main", "Run the program."),
        ("def setup(): pass", "setup", "Set up."),
        ("def on_click(event): pass", "on_click", "React to a click."),
    ],
)
def test_the_first_sentence_is_made_of_the_name(text: str, name: str, expected: str) -> None:
    """Verbs, questions, conversions, constructors, properties and things."""
    assert of("python", f"{text}\n", name).lstrip('"').split("\n")[0].rstrip('"') == expected


def test_what_a_docstring_says_is_kept() -> None:
    """Only missing parts are added, below what is there."""
    text = (
        "def f(a, b):\n"
        '    """Do it well.\n\n    At length.\n\n    Args:\n        a: Mine.\n    """\n'
        "    if a: raise ValueError('x')\n    return 1\n"
    )
    assert of("python", text, "f") == (
        '"""Do it well.\n\nAt length.\n\nArgs:\n    a: Mine.\n    b: The value `b`.\n\n'
        'Returns:\n    `1`.\n\nRaises:\n    ValueError: If `a` is truthy.\n"""'
    )


def test_the_style_of_a_docstring_is_kept() -> None:
    """Sphinx's fields get more fields; numpy's sections are left as they are."""
    sphinx = 'def f(a, b):\n    """Do.\n\n    :param a: Mine.\n    """\n'
    assert ":param a: Mine.\n:param b: The value `b`." in of("python", sphinx, "f")
    numpy = 'def f(a, b):\n    """Do.\n\n    Parameters\n    ----------\n    a : int\n    """\n'
    assert of("python", numpy, "f") == '"""Do.\n\nParameters\n----------\na : int\n"""'


def test_tags_that_are_there_are_kept() -> None:
    """A missing tag comes after the last of its kind."""
    text = "/**\n * Mine.\n *\n * @param a Mine too.\n * @see Other\n */\nint f(int a, int b) { return 1; }\n"
    assert of("c", text, "f") == (
        "/**\n * Mine.\n *\n * @param a Mine too.\n * @param b The number.\n * @return `1`.\n * @see Other\n */"
    )


def test_no_code_can_end_the_comment() -> None:
    """Code that looks like the comment's end is made harmless."""
    script = 'function f(a = "*/") { if (a === "*/") { throw new Error("x"); } }\n'
    assert of("javascript", script, "f").count("*/") == 1
    python = 'def f(a=\'"""\'):\n    return a\n'
    assert of("python", python, "f").count('"""') == 2
    slash = "def f(a='\\\\n'):\n    return a\n"
    assert of("python", slash, "f").startswith('r"""')


def test_a_namespace_has_no_comment_of_its_own() -> None:
    """The error says what to document instead."""
    with pytest.raises(TargetError, match="namespace"):
        documented(opened("cpp"), "bank")
