"""What tsc 7.0, eslint 10.15, go vet 1.27 and others print, as recorded, is read as complaints."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from codefare.checking.complaints import Complaint, complaints_in, lines_in
from codefare.checking.diagnostics import diagnostics_of
from codefare.checking.sameness import complaint_of
from codefare.checking.shadow import Shadow
from codefare.source.diagnostic import Diagnostic, Severity
from codefare.source.target import Span

TSC = """\
src/app/a.ts(2,7): error TS2322: Type 'number' is not assignable to type 'string'.
src/app/a.ts(3,42): error TS2322: Type '{ b: string; }' is not assignable to type '{ b: number; }'.
  Types of property 'b' are incompatible.
"""
TSC_PRETTY = """\
\x1b[96msrc/app/a.ts\x1b[0m:\x1b[93m3\x1b[0m:\x1b[93m42\x1b[0m - \x1b[91merror\x1b[0m\x1b[90m TS2322: \x1b[0m\
Type 'string' is not assignable to type 'number'.

\x1b[7m3\x1b[0m const obj: { a: { b: number } } = { a: { b: "12:30" } };
\x1b[7m \x1b[0m \x1b[91m                                         ~\x1b[0m

  \x1b[96msrc/app/a.ts\x1b[0m:\x1b[93m3\x1b[0m:\x1b[93m19\x1b[0m - The expected type comes from property 'b'
    \x1b[7m3\x1b[0m const obj: { a: { b: number } } = { a: { b: "12:30" } };

Found 1 error in src/app/a.ts\x1b[90m:3\x1b[0m
"""
ESLINT = """\

TOP/src/app/j.js
  1:7   error    'unused' is assigned a value but never used  no-unused-vars
  2:23  warning  Unexpected console statement                 no-console

TOP/src/app/k.js
  4:1  error  'z' is not defined  no-undef

✖ 3 problems (2 errors, 1 warning)
"""
GO = """\
# example.com/m/main
# [example.com/m/main]
vet: main/m.go:10:2: undefined: undefinedd
main/m.go:11:14: fmt.Printf format %d has arg "x" of wrong type string
"""
RUFF = """\
F401 [*] `os` imported but unused
 --> src/p.py:1:8
  |
1 | import os
  |        ^^
help: Remove unused import: `os`

Found 1 error.
[*] 1 fixable with `--fix`.
"""
MYPY = """\
src/p.py:7:5:7:9: error: Name "x" already defined on line 3  [no-redef]
src/p.py:7: note: See https://mypy.readthedocs.io for more
TOP/src/q.py:1: error: Argument 1 has type "str"  [arg-type]
Found 2 errors in 2 files (checked 1 source file)
"""
PYRIGHT = """\
TOP/src/p.py
  TOP/src/p.py:3:5 - error: Type "str" is not assignable to "int" (reportAssignmentType)
1 error, 0 warnings, 0 informations
"""
CARGO = """\
warning: unused variable: `x`
 --> src/main.rs:2:9
  |
2 |     let x = 1;
  |         ^ help: if this is intentional, prefix it with an underscore: `_x`
"""
# Those of lines and columns.
NUMBERS = re.compile(r"(?<=\w:)\d+|(?<=\d:)\d+|(?<=[(,])\d+(?=[,)])|(?<=line )\d+|(?<=  )\d+(?=:)")


@pytest.fixture
def shadow(project: Path) -> Iterator[Shadow]:
    """The shadow copy of a file of the project."""
    made = Shadow(project / "src" / "a.ts")
    yield made
    made.remove()


def read(text: str, shadow: Shadow) -> list[Complaint]:
    """The complaints in `text`, in which TOP stands for the copy's folder."""
    return complaints_in(text.replace("TOP", str(shadow.top)), shadow)


@pytest.mark.parametrize(
    ("text", "places", "words"),
    [
        (TSC, ["src/app/a.ts:2:7", "src/app/a.ts:3:42"], "error TS2322: Type 'number' is"),
        (TSC_PRETTY, ["src/app/a.ts:3:42"], "error TS2322: Type 'string' is not assignable"),
        (
            ESLINT,
            ["src/app/j.js:1:7", "src/app/j.js:2:23", "src/app/k.js:4:1"],
            "error 'unused' is assigned a value but never used no-unused-vars",
        ),
        (GO, ["main/m.go:10:2", "main/m.go:11:14"], "undefined: undefinedd"),
        (RUFF, ["src/p.py:1:8"], "F401 [*] `os` imported but unused"),
        (MYPY, ["src/p.py:7:5", "src/q.py:1:None"], 'error: Name "x" already defined on line'),
        (PYRIGHT, ["src/p.py:3:5"], 'error: Type "str" is not assignable to "int"'),
        (CARGO, ["src/main.rs:2:9"], "warning: unused variable: `x`"),
        (r"C:\code\a.py:3:5: error: wrong", [r"C:\code\a.py:3:5"], "error: wrong"),
    ],
    ids=["tsc", "tsc pretty", "eslint", "go", "ruff", "mypy", "pyright", "cargo", "windows"],
)
def test_each_complaint_is_read_with_its_place(
    shadow: Shadow, text: str, places: list[str], words: str
) -> None:
    """Headings, notes, code and summaries are none; paths are the project's own."""
    found = read(text, shadow)
    assert [f"{each.file}:{each.line}:{each.column}" for each in found] == places
    assert found[0].key[1].startswith(words)


@pytest.mark.parametrize("text", [TSC, ESLINT, GO, RUFF, MYPY, CARGO])
def test_a_complaint_is_the_same_after_its_code_has_moved(shadow: Shadow, text: str) -> None:
    """Neither its line nor the line that it speaks of counts, nor how wide a table is."""
    moved = NUMBERS.sub("100", text).replace("  err", "    err")
    assert moved != text
    assert [each.key for each in read(moved, shadow)] == [each.key for each in read(text, shadow)]


def test_the_copys_folder_is_named_nowhere(shadow: Shadow) -> None:
    """A user reads paths of the project, and another copy's complaint is the same."""
    (found,) = read('TOP/src/p.py:1: error: Duplicate (also at "TOP/src/x.py")', shadow)
    assert str(found) == 'src/p.py:1: error: Duplicate (also at "src/x.py")'


def test_a_checker_that_tells_no_places_complains_by_the_line() -> None:
    """Numbers may be such places and do not count."""
    one, two = lines_in("line 3 is bad\n\nline 4 is bad\n")
    assert one.key == two.key
    assert str(one) == "line 3 is bad"


@pytest.mark.parametrize(
    ("text", "source", "code", "message", "meant"),
    [
        (TSC, "ts", "2322", "Type 'number' is not assignable to type 'string'.", 2),
        (TSC, "ts", "23", "Nothing of the kind", None),
        (ESLINT, "eslint", "no-unused-vars", "'unused' is assigned a value but never used.", 1),
        (ESLINT, "eslint", "unused-vars", "something else", None),
        (GO, "printf", "default", 'fmt.Printf format %d has arg "x" of wrong type string', 11),
        (GO, "compiler", "UndeclaredName", "undefined: undefinedd", 10),
    ],
)
def test_the_editors_diagnostic_is_found_among_them(
    shadow: Shadow, text: str, source: str, code: str, message: str, meant: int | None
) -> None:
    """By its rule or its words, on its line; a rule that another one's name ends with is not it."""
    diagnostic = Diagnostic(Span(0, 1), message, Severity.ERROR, source, code)
    found = read(text, shadow)
    at = meant or found[0].line or 1
    tool = {TSC: "tsc2", ESLINT: "eslint", GO: "go2"}[text]  # no help from the kind of tool
    same = complaint_of(diagnostic, range(at, at + 1), found[0].file, tool, found)
    assert (same and same.line) == meant


def test_a_diagnostic_that_moved_is_known_by_its_words_alone(shadow: Shadow) -> None:
    """The editor's text may be ahead of what the server saw; the same rule elsewhere is not enough."""
    found = read(TSC, shadow)
    moved = Diagnostic(
        Span(0, 1), "Type 'number' is not assignable to type 'string'.", source="ts", code="2322"
    )
    same = complaint_of(moved, range(40, 41), "src/app/a.ts", "tsc", found)
    assert same is found[0]
    other = Diagnostic(Span(0, 1), "Type 'x' does not fit here at all.", source="ts", code="2322")
    assert complaint_of(other, range(40, 41), "src/app/a.ts", "tsc", found) is None
    assert complaint_of(moved, range(2, 3), "src/other.ts", "tsc", found) is None


@pytest.mark.parametrize(
    ("text", "tool", "expected"),
    [
        (
            TSC,
            "tsc",
            (Severity.ERROR, "TS2322", "Type 'number' is not assignable to type 'string'."),
        ),
        (
            ESLINT,
            "eslint",
            (Severity.ERROR, "no-unused-vars", "'unused' is assigned a value but never used"),
        ),
        (GO, "go", (Severity.ERROR, "", "undefined: undefinedd")),
        (MYPY, "mypy", (Severity.ERROR, "no-redef", 'Name "x" already defined on line 3')),
        (
            PYRIGHT,
            "pyright",
            (Severity.ERROR, "reportAssignmentType", 'Type "str" is not assignable to "int"'),
        ),
        (CARGO, "cargo", (Severity.WARNING, "", "unused variable: `x`")),
    ],
    ids=["tsc", "eslint", "go", "mypy", "pyright", "cargo"],
)
def test_severity_rule_and_message_are_told_apart(
    shadow: Shadow, text: str, tool: str, expected: tuple[Severity, str, str]
) -> None:
    """As the editor's diagnostic would have them."""
    first = diagnostics_of(read(text, shadow), "é = 1\n" * 20, tool)[0]
    assert (first.severity, first.code, first.message) == expected


@pytest.mark.parametrize(
    ("tool", "column", "rest"),
    [
        ("ruff", 4, "b"),
        ("eslint", 5, "b"),
        ("go", 8, "b"),
        ("ruff", 99, ""),
        ("ruff", None, "é😋 b"),
    ],
)
def test_columns_count_what_the_tool_counts(tool: str, column: int | None, rest: str) -> None:
    """Characters, UTF-16 units or bytes; past the line's end they mean its end, none means the line."""
    text = "\né😋 b\n"
    (found,) = diagnostics_of([Complaint("a", 2, column, "error: x")], text, tool)
    assert text[found.span.start : found.span.end] == rest


def test_a_line_that_is_not_in_the_text_is_left_out() -> None:
    """A checker that counts other lines does not take the session down."""
    assert (
        diagnostics_of([Complaint("a", 9, 1, "x"), Complaint("a", None, None, "y")], "a\n", "t")
        == []
    )
