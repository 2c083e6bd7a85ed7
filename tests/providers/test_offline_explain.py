"""Reports that the offline engine writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from codefare.providers.offline import answer
from codefare.source.document import Document
from codefare.source.languages import LANGUAGES
from codefare.source.target import Span

SAMPLES = Path(__file__).parent.parent / "data" / "offline"


def explained(language: str, name: str = "", text: str | None = None) -> str:
    """The report on a definition, or on the whole file."""
    path = Path(f"/nowhere/sample{LANGUAGES[language].extensions[0]}")
    code = text if text is not None else (SAMPLES / f"{language}.sample").read_text("utf-8")
    source = Document(path.as_uri(), path, language, code)
    target = source.target(Span(0, 0), whole_file=True)
    if name:
        symbol = next(one for one in source.symbols() if one.qualified_name == name)
        target = source.target(Span(symbol.signature.start, symbol.signature.start))
    return answer("explain", source, target)


def test_a_function_is_told_step_by_step() -> None:
    """Branches, errors and results stand nested, each with its line."""
    report = explained("python", "parse_header")
    assert (
        "- 79: if `text is None`\n"
        "  - 80: returns `None`\n"
        "- 81: if `not isinstance(text, str)`\n"
        '  - 82: raises `TypeError("text must be a string")`\n'
    ) in report
    assert "- line 82: `TypeError` when `text` is not of type `str`" in report
    assert "- `strict`: `bool`, default `False`" in report


def test_a_class_is_told_by_its_fields_and_members() -> None:
    """Each member stands with its line and its signature."""
    report = explained("go", "Cache")
    assert "- line 15: `limit int`" in report
    assert "- 31: `func (c *Cache) Get(ctx context.Context, key string) (string, error)`" in report


def test_a_file_is_told_by_its_imports_and_definitions() -> None:
    """What runs when the file is loaded is told too."""
    report = explained("python")
    assert "- line 6: `import json`" in report
    assert "  - 36: static `def is_valid_name(name: str) -> bool:`" in report
    assert '- 108: if `__name__ == "__main__"`\n  - 109: calls `print`' in report


def test_a_comment_that_is_there_is_quoted() -> None:
    """What the author says comes before what the name suggests."""
    assert "Its comment says: “Makes an empty buffer.”" in explained("c", "buffer_new")
    assert "Going by its name: Parse the header." in explained("python", "parse_header")


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("def f(a=[]):\n    return a\n", "the default `[]` of `a` is made once"),
        (
            "def f():\n    try:\n        g()\n    except:\n        pass\n",
            "a bare `except` also catches",
        ),
        (
            "def f():\n    try:\n        g()\n    except Exception:\n        pass\n",
            "which is nearly everything",
        ),
        ("def f(a, b):\n    return a\n", "`b` is never used"),
        ("def f():\n    # TODO: more\n    return 1\n", "line 2: `TODO: more`"),
        ("def f():\n" + "    g()\n" * 61, "it is long, 62 lines"),
        (
            "def f(a):\n  if a:\n    if a:\n      for b in a:\n        if b:\n          g()\n",
            "nested 4 deep at line 5",
        ),
        (
            "def f(a, b, c, d, e, g, h):\n    return a, b, c, d, e, g, h\n",
            "7 parameters to keep in order",
        ),
        ("def f():\n    return 1\n", "there is no docstring"),
    ],
)
def test_what_deserves_a_second_look_is_pointed_out(text: str, point: str) -> None:
    """Each point has its line."""
    assert point in explained("python", "f", text)


@pytest.mark.parametrize(
    "text",
    [
        "def f(a, _b):\n    return a\n",
        "def f(a):\n    return locals()\n",
        "def f(a):\n    raise NotImplementedError\n",
        "def f(a):\n    def g():\n        return a\n    return g\n",
        "def f(a):\n    return f'{a}'\n",
    ],
)
def test_a_parameter_that_may_be_used_is_not_called_unused(text: str) -> None:
    """Nested functions, f-strings and locals() use names too."""
    assert "never used" not in explained("python", "f", text)


def test_no_table_and_no_html_is_in_a_report() -> None:
    """Neovim and Helix show reports as they are."""
    for language in sorted(LANGUAGES):
        prose = [
            line for line in explained(language).split("\n") if not line.startswith(("- ", "  "))
        ]
        assert not [line for line in prose if line.startswith(("|", "<"))]


def test_a_passed_on_error_of_rust_is_told() -> None:
    """The question mark passes an error on, and Err(...) is one."""
    report = explained("rust", "Settings.get")
    errors = report.split("## Errors")[1].split("##")[0]
    assert "`Err(Error::Empty)` when `key` is empty" in errors
    assert "passes on the error of" in errors
