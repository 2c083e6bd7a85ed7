"""Complexity: what is counted in each language, and what the counts amount to."""

from __future__ import annotations

import pytest

from codefare.source.complexity import measure_text
from codefare.source.document import Document
from codefare.source.target import Complexity, Span

SAMPLES = {
    # An if with an elif, a loop with a condition of two parts in it, a handler; f and g called.
    "python": (
        "def a(b):\n    if b:\n        f()\n    elif c:\n        g()\n\n"
        "    for d in e:\n        if d and b:\n            f()\n"
        "    try:\n        g()\n    except E:\n        pass\n"
    ),
    "javascript": (
        "function a(b) {\n  if (b) {\n    f();\n  } else if (c) {\n    g();\n  }\n\n"
        "  for (const d of e) {\n    if (d && b) { f(); }\n  }\n"
        "  try { g(); } catch (x) { }\n}\n"
    ),
    "typescript": (
        "function a(b: B): void {\n  if (b) {\n    f();\n  } else if (c) {\n    x.g<T>();\n  }\n\n"
        "  for (const d of e) {\n    if (d && b) { f(); }\n  }\n"
        "  try { g(); } catch (x) { }\n}\n"
    ),
    "tsx": (
        "function a(b: B) {\n  if (b) {\n    f();\n  } else if (c) {\n    g();\n  }\n\n"
        "  for (const d of e) {\n    if (d && b) { f(); }\n  }\n"
        "  try { g(); } catch (x) { }\n  return <p/>;\n}\n"
    ),
    "go": (
        "func a(b bool) {\n\tif b {\n\t\tf()\n\t} else if c {\n\t\tx.g()\n\t}\n\n"
        "\tfor _, d := range e {\n\t\tif d && b {\n\t\t\tf()\n\t\t}\n\t}\n"
        "\tswitch b {\n\tcase true:\n\t\tg()\n\t}\n}\n"
    ),
    "rust": (
        "fn a(b: bool) {\n    if b {\n        f();\n    } else if c {\n        x.g();\n    }\n\n"
        "    for d in e {\n        if d && b { f(); }\n    }\n"
        "    match b { _ => y::g::<u8>() }\n}\n"
    ),
    "java": (
        "class X { void a(boolean b) {\n  if (b) {\n    f();\n  } else if (c) {\n    x.g();\n  }\n\n"
        "  for (D d : e) {\n    if (d && b) { f(); }\n  }\n"
        "  try { this.g(); } catch (E x) { }\n} }\n"
    ),
    "c": (
        "void a(int b) {\n  if (b) {\n    f();\n  } else if (c) {\n    x->g();\n  }\n\n"
        "  for (;;) {\n    if (d && b) { f(); }\n  }\n"
        "  switch (b) { case 1: g(); }\n}\n"
    ),
    "cpp": (
        "void a(T&& b) {\n  if (b) {\n    f();\n  } else if (c) {\n    x::g<int>();\n  }\n\n"
        "  for (auto&& d : e) {\n    if (d && b) { f(); }\n  }\n"
        "  try { g(); } catch (...) { }\n}\n"
    ),
    "csharp": (
        "class X { void A(bool b) {\n  if (b) {\n    f();\n  } else if (c) {\n    x.g<int>();\n  }\n\n"
        "  foreach (var d in e) {\n    if (d && b) { f(); }\n  }\n"
        "  try { g(); } catch (E) { }\n} }\n"
    ),
    "ruby": (
        "def a(b)\n  if b\n    f()\n  elsif c\n    x.g()\n  end\n\n"
        "  for d in e do\n    if d && b\n      f()\n    end\n  end\n"
        "  begin\n    g()\n  rescue E\n  end\nend\n"
    ),
    "php": (
        "<?php\nfunction a($b) {\n  if ($b) {\n    f();\n  } else if ($c) {\n    $x->g();\n  }\n\n"
        "  foreach ($e as $d) {\n    if ($d && $b) { f(); }\n  }\n"
        "  try { X::g(); } catch (E $x) { }\n}\n"
    ),
}


def measured(language: str | None, text: str) -> tuple[Complexity, str]:
    """The measure of a whole text."""
    measure = Document("x", None, language, text).measure(Span(0, len(text)))
    return measure.complexity, measure.reason


@pytest.mark.parametrize("language", SAMPLES)
def test_every_language_counts_the_same(language: str) -> None:
    """The same program has six branches in two levels and two functions called, in any language."""
    complexity, reason = measured(language, SAMPLES[language])
    lines = sum(bool(line.strip()) for line in SAMPLES[language].split("\n"))
    assert reason == f"{lines} lines, 6 branches, nesting 2, 2 calls"
    assert complexity is Complexity.MEDIUM


def nested(depth: int) -> str:
    """Loops inside of each other."""
    return "".join(f"{'    ' * level}for a in b:\n" for level in range(depth)) + (
        "    " * depth + "pass\n"
    )


@pytest.mark.parametrize(
    ("text", "complexity", "reason"),
    [
        ("x = 1\n", Complexity.LOW, "1 line, 0 branches"),
        ("x = f(f(f(1)))\n", Complexity.LOW, "1 line, 0 branches, 1 call"),
        ("if a:\n    b()\n" * 4, Complexity.LOW, "8 lines, 4 branches, nesting 1, 1 call"),
        ("if a:\n    b()\n" * 5, Complexity.MEDIUM, "10 lines, 5 branches, nesting 1, 1 call"),
        ("if a:\n    b()\n" * 13, Complexity.HIGH, "26 lines, 13 branches, nesting 1, 1 call"),
        ("x = 1\n\n" * 39, Complexity.LOW, "39 lines, 0 branches"),
        ("x = 1\n\n" * 40, Complexity.MEDIUM, "40 lines, 0 branches"),
        ("x = 1\n" * 299, Complexity.MEDIUM, "299 lines, 0 branches"),
        ("x = 1\n" * 300, Complexity.HIGH, "300 lines, 0 branches"),
        (nested(2), Complexity.LOW, "3 lines, 2 branches, nesting 2"),
        (nested(3), Complexity.MEDIUM, "4 lines, 3 branches, nesting 3"),
        (nested(5), Complexity.HIGH, "6 lines, 5 branches, nesting 5"),
        (
            "".join(f"f{number}()\n" for number in range(12)),
            Complexity.MEDIUM,
            "12 lines, 0 branches, 12 calls",
        ),
        (
            "".join(f"f{number}()\n\n" for number in range(120)),
            Complexity.HIGH,
            "120 lines, 0 branches, 120 calls",
        ),
        ("x = [a for a in b if a or c]\n", Complexity.LOW, "1 line, 3 branches"),
    ],
)
def test_what_counts_amount_to(text: str, complexity: Complexity, reason: str) -> None:
    """Branches and nesting make code high; length alone does so only from 300 lines on."""
    assert measured("python", text) == (complexity, reason)


@pytest.mark.parametrize(
    ("language", "around", "condition"),
    [
        ("javascript", "{}", "(a)"),
        ("typescript", "{}", "(a)"),
        ("go", "func f() { {} }", "a"),
        ("rust", "fn f() { {} }", "a"),
        ("java", "class X { void f() { {} } }", "(a)"),
        ("c", "void f() { {} }", "(a)"),
        ("cpp", "void f() { {} }", "(a)"),
        ("csharp", "class X { void F() { {} } }", "(a)"),
        ("php", "<?php {}", "($a)"),
    ],
)
def test_else_if_is_no_deeper(language: str, around: str, condition: str) -> None:
    """A chain of conditions reads as one level, however the grammar nests it."""
    chain = " else ".join([f"if {condition} {{ }}"] * 4)
    text = around.replace("{}", chain)
    assert measured(language, text)[1] == "1 line, 4 branches, nesting 1"


def test_only_what_is_inside_counts() -> None:
    """A part of a function is measured without the blocks around it."""
    text = nested(4)
    document = Document("x", None, "python", text)
    start = text.index("        for")
    assert document.measure(Span(start, len(text))).reason == "3 lines, 2 branches, nesting 2"


@pytest.mark.parametrize(
    ("lines", "complexity"),
    [
        (1, Complexity.LOW),
        (19, Complexity.LOW),
        (20, Complexity.MEDIUM),
        (99, Complexity.MEDIUM),
        (100, Complexity.HIGH),
    ],
)
def test_text_is_measured_by_its_lines(lines: int, complexity: Complexity) -> None:
    """Without a grammar the lines that are not blank are all there is to go by."""
    measure = measure_text("words\r\n\r\n \t\r\n" * lines)
    assert measure.complexity is complexity
    assert measure.reason == ("1 line" if lines == 1 else f"{lines} lines")
    assert measured(None, "words\r\n" * lines) == (measure.complexity, measure.reason)
