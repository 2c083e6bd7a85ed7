"""Test classes of languages with types: JUnit 5 and xUnit."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from codefare.providers.offline.testing.arguments import (
    PLAIN,
    indented,
    is_simple,
    is_sure,
    lower_first,
    passed_to,
    plain_literal,
)
from codefare.providers.offline.testing.cases import Case, Known
from codefare.providers.offline.testing.subjects import (
    Names,
    camel,
    reason,
    shown_call,
    words_of,
)
from codefare.providers.offline.testing.values import kind_of
from codefare.providers.offline.words import word_set

if TYPE_CHECKING:
    from pathlib import Path

    from codefare.providers.offline.testing.subjects import Subject
    from codefare.source.facts import FileOutline
    from codefare.source.parameters import Parameter

_JAVA_ERRORS = word_set(
    """ArithmeticException ArrayIndexOutOfBoundsException ClassCastException Error Exception
    IllegalArgumentException IllegalStateException IndexOutOfBoundsException NullPointerException
    NumberFormatException RuntimeException UnsupportedOperationException AssertionError"""
)
_CSHARP_ERRORS = word_set(
    """ArgumentException ArgumentNullException ArgumentOutOfRangeException ArithmeticException
    DivideByZeroException Exception FormatException IndexOutOfRangeException
    InvalidCastException InvalidOperationException NotImplementedException NotSupportedException
    NullReferenceException ObjectDisposedException OverflowException TimeoutException"""
)
_INTEGER_BOXES = frozenset({"Integer", "Long", "Short", "Byte", "Double", "Float", "Boolean"})


def java_file(
    subjects: list[Subject], file: FileOutline, path: Path | None, test: Path | None
) -> str:
    """A JUnit 5 class in the package of the code."""
    taken = Names()
    methods = [
        _java_test(subject, case, file, taken) for subject in subjects for case in subject.cases
    ]
    body = "\n\n".join(methods)
    words = set(re.findall(r"\w+", body))
    copied = [
        f"{one.text};"
        for one in file.imports
        if one.names and (one.names[-1] in words or "*" in one.text)
    ]
    junit = ["import org.junit.jupiter.api.Test;"]
    if "@Disabled" in body:
        junit.insert(0, "import org.junit.jupiter.api.Disabled;")
    checks = sorted(set(re.findall(r"\b(assert\w+)\(", body)))
    static = [f"import static org.junit.jupiter.api.Assertions.{name};" for name in checks]
    head = [f"package {file.package};", ""] if file.package else []
    head += [*static, *([""] if static else []), *copied, *junit, ""]
    name = test.stem if test is not None else f"{path.stem if path else 'Code'}Test"
    return "\n".join([*head, f"class {name} {{", body, "}"]) + "\n"


def csharp_file(
    subjects: list[Subject], file: FileOutline, path: Path | None, test: Path | None
) -> str:
    """An xUnit class."""
    taken = Names()
    methods = [_csharp_test(subject, case, taken) for subject in subjects for case in subject.cases]
    used = [f"{one.text};" for one in file.imports]
    used = [line for line in used if "=" not in line]
    for line in ("using System;", "using Xunit;"):
        if line not in used:
            used.append(line)
    if file.package:
        used.append(f"using {file.package};")
    name = test.stem if test is not None else f"{path.stem if path else 'Code'}Tests"
    name = re.sub(r"\W", "_", name)
    body = "\n\n".join(methods)
    space = f"{file.package}.Tests" if file.package else "Tests"
    return (
        "\n".join([*used, "", f"namespace {space};", "", f"public class {name}", "{", body, "}"])
        + "\n"
    )


def _java_test(subject: Subject, case: Case, file: FileOutline, taken: Names) -> str:
    outline = subject.outline
    known_error = case.expected in _JAVA_ERRORS or case.expected in file.names
    sure = is_sure(subject, case) and (case.known is not Known.RAISES or known_error)
    sure = sure and all(is_simple(one, case) for one in passed_to(subject))
    name = lower_first(camel(f"{words_of(outline)} {case.title}"))
    lines = ["@Test"]
    if not sure:
        why = reason(subject, case, shown_call(subject))
        lines.append(f"@Disabled({json.dumps(why, ensure_ascii=False)})")
    lines.append(f"void {taken.unique(name)}() throws Exception {{")
    target, made = _java_target(subject)
    call = f"{target}({', '.join(_java_value(one, case) for one in passed_to(subject))})"
    if sure:
        lines += [f"    {line}" for line in made]
        if case.known is Known.RAISES:
            lines.append(f"    assertThrows({case.expected}.class, () -> {call});")
        else:
            lines.append(f"    assertEquals({case.expected}, {call});")
    else:
        lines.append(f"    // {call};")
    return indented([*lines, "}"], "    ")


def _java_target(subject: Subject) -> tuple[str, list[str]]:
    outline, owner = subject.outline, subject.owner
    name = owner.qualified_name if owner is not None else outline.container
    if outline.kind == "constructor":
        return f"new {name}", []
    if not subject.is_method:
        return f"{name}.{outline.name}", []
    variable = lower_first(owner.name if owner else "object")
    return f"{variable}.{outline.name}", [f"{name} {variable} = new {name}();"]


def _csharp_test(subject: Subject, case: Case, taken: Names) -> str:
    outline = subject.outline
    sure = is_sure(subject, case) and all(is_simple(one, case) for one in passed_to(subject))
    sure = sure and (case.known is not Known.RAISES or case.expected in _CSHARP_ERRORS)
    target, made = _java_target(subject)
    passed = [_csharp_value(one, case) for one in passed_to(subject)]
    call = f"{target}({', '.join(passed)})"
    name = taken.unique(camel(f"{words_of(outline)} {case.title}"))
    waits = outline.is_async and sure
    lines = [
        "[Fact]"
        if sure
        else f"[Fact(Skip = {json.dumps(reason(subject, case, shown_call(subject)), ensure_ascii=False)})]"
    ]
    kind = "async System.Threading.Tasks.Task" if waits else "void"
    lines += [f"public {kind} {name}()", "{"]
    if sure:
        lines += [f"    {line}" for line in made]
        lines.append(
            f"    {_csharp_check(case, call, waits=waits, new=outline.kind == 'constructor')}"
        )
    else:
        lines.append(f"    // {call};")
    return indented([*lines, "}"], "    ")


def _csharp_check(case: Case, call: str, *, waits: bool, new: bool) -> str:
    if case.known is Known.RAISES:
        if waits:
            return f"await Assert.ThrowsAsync<{case.expected}>(() => {call});"
        body = f"{{ _ = {call}; }}" if new else f"{{ {call}; }}"
        return f"Assert.Throws<{case.expected}>(() => {body});"
    value = f"await {call}" if waits else call
    words = {"true": "True", "false": "False", "null": "Null"}
    if case.expected in words:
        return f"Assert.{words[case.expected]}({value});"
    return f"Assert.Equal({case.expected}, {value});"


def _java_value(one: Parameter, case: Case) -> str:
    kind = one.type.split("<")[0]
    if one.name in case.values:
        value = case.values[one.name]
        return f"({kind}) null" if value is None else plain_literal(value)
    if kind in _INTEGER_BOXES:
        return "null"
    found = PLAIN.get(kind_of(one.type))
    return found or "null"


def _csharp_value(one: Parameter, case: Case) -> str:
    if one.name in case.values:
        value = case.values[one.name]
        return "null!" if value is None else plain_literal(value)
    if one.default:
        return one.default
    return PLAIN.get(kind_of(one.type)) or "default!"
