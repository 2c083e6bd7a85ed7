"""Test classes: JUnit 5, xUnit, Minitest and PHPUnit."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from codefare.providers.offline.testing.cases import Case, Known
from codefare.providers.offline.testing.subjects import (
    Names,
    camel,
    reason,
    relative,
    shown_call,
    slug,
    words_of,
)
from codefare.providers.offline.testing.values import kind_of
from codefare.providers.offline.words import word_set
from codefare.source.shapes import ParameterKind

if TYPE_CHECKING:
    from pathlib import Path

    from codefare.providers.offline.testing.subjects import Subject
    from codefare.source.facts import FileOutline
    from codefare.source.parameters import Parameter

_PLAIN = {"text": '"text"', "integer": "1", "float": "1.0", "number": "1", "boolean": "true"}
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
_RUBY_ERRORS = word_set(
    """ArgumentError EOFError FloatDomainError FrozenError IOError IndexError KeyError LoadError
    LocalJumpError NameError NoMethodError NotImplementedError RangeError RegexpError RuntimeError
    SecurityError StandardError StopIteration TypeError ZeroDivisionError"""
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


def ruby_file(
    subjects: list[Subject], file: FileOutline, path: Path | None, test: Path | None
) -> str:
    """A Minitest class."""
    del file
    taken = Names()
    methods = [_ruby_test(subject, case, taken) for subject in subjects for case in subject.cases]
    head = ["# frozen_string_literal: true", "", 'require "minitest/autorun"']
    if path is not None:
        where = relative(path, test).removesuffix(".rb")
        head.append(f"require_relative {json.dumps(where)}")
    name = camel(path.stem if path else "code") or "Code"
    return (
        "\n".join([*head, "", f"class Test{name} < Minitest::Test", "\n\n".join(methods), "end"])
        + "\n"
    )


def php_file(
    subjects: list[Subject], file: FileOutline, path: Path | None, test: Path | None
) -> str:
    """A PHPUnit class that requires the file, so that functions are found as well."""
    taken = Names()
    methods = [
        _php_test(subject, case, file, taken) for subject in subjects for case in subject.cases
    ]
    lines = ["<?php", "", "declare(strict_types=1);", ""]
    if file.package:
        lines += [f"namespace {file.package}\\Tests;", ""]
    lines += ["use PHPUnit\\Framework\\TestCase;", ""]
    if path is not None:
        lines += [f"require_once __DIR__ . {_single('/' + relative(path, test))};", ""]
    name = test.stem if test is not None else f"{path.stem if path else 'Code'}Test"
    name = re.sub(r"\W", "_", name)
    return (
        "\n".join([*lines, f"final class {name} extends TestCase", "{", "\n\n".join(methods), "}"])
        + "\n"
    )


def _java_test(subject: Subject, case: Case, file: FileOutline, taken: Names) -> str:
    outline = subject.outline
    known_error = case.expected in _JAVA_ERRORS or case.expected in file.names
    sure = _sure(subject, case) and (case.known is not Known.RAISES or known_error)
    sure = sure and all(_is_simple(one, case) for one in _arguments(subject))
    name = _lower(camel(f"{words_of(outline)} {case.title}"))
    lines = ["@Test"]
    if not sure:
        why = reason(subject, case, shown_call(subject))
        lines.append(f"@Disabled({json.dumps(why, ensure_ascii=False)})")
    lines.append(f"void {taken.unique(name)}() throws Exception {{")
    target, made = _java_target(subject)
    call = f"{target}({', '.join(_java_value(one, case) for one in _arguments(subject))})"
    if sure:
        lines += [f"    {line}" for line in made]
        if case.known is Known.RAISES:
            lines.append(f"    assertThrows({case.expected}.class, () -> {call});")
        else:
            lines.append(f"    assertEquals({case.expected}, {call});")
    else:
        lines.append(f"    // {call};")
    return _indented([*lines, "}"], "    ")


def _java_target(subject: Subject) -> tuple[str, list[str]]:
    outline, owner = subject.outline, subject.owner
    name = owner.qualified_name if owner is not None else outline.container
    if outline.kind == "constructor":
        return f"new {name}", []
    if not subject.is_method:
        return f"{name}.{outline.name}", []
    variable = _lower(owner.name if owner else "object")
    return f"{variable}.{outline.name}", [f"{name} {variable} = new {name}();"]


def _csharp_test(subject: Subject, case: Case, taken: Names) -> str:
    outline = subject.outline
    sure = _sure(subject, case) and all(_is_simple(one, case) for one in _arguments(subject))
    sure = sure and (case.known is not Known.RAISES or case.expected in _CSHARP_ERRORS)
    target, made = _java_target(subject)
    passed = [_csharp_value(one, case) for one in _arguments(subject)]
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
    return _indented([*lines, "}"], "    ")


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


def _ruby_test(subject: Subject, case: Case, taken: Names) -> str:
    outline = subject.outline
    method = subject.is_method and not outline.signature.startswith("def self.")
    sure = _sure(subject, case, on_object=method)
    sure = sure and (case.known is not Known.RAISES or case.expected in _RUBY_ERRORS)
    scope = outline.container.replace(".", "::")
    if outline.kind == "constructor":
        target = f"{scope}.new"
    elif method:
        target = f"{scope}.new.{outline.name}" if subject.makes_itself else f"object.{outline.name}"
    else:
        target = f"{scope}.{outline.name}" if scope else outline.name
    passed: list[str] = []
    for one in subject.arguments(case) + _needed_keywords(subject, case):
        value = _ruby_value(one, case)
        passed.append(f"{one.name}: {value}" if one.kind is ParameterKind.KEYWORD else value)
    call = f"{target}({', '.join(passed)})" if passed else target
    name = taken.unique("_".join(filter(None, ["test", words_of(outline), slug(case.title)])))
    lines = [f"def {name}"]
    if not sure:
        lines.append(f"  skip {_ruby_text(reason(subject, case, shown_call(subject)))}")
        lines.append(f"  # {call}")
    elif case.known is Known.RAISES:
        lines.append(f"  assert_raises({case.expected}) {{ {call} }}")
    elif case.expected == "nil":
        lines.append(f"  assert_nil {call}")
    else:
        lines.append(f"  assert_equal({case.expected}, {call})")
    return _indented([*lines, "end"], "  ")


def _needed_keywords(subject: Subject, case: Case) -> list[Parameter]:
    known = {one.name for one in subject.arguments(case)}
    return [
        one
        for one in subject.outline.given
        if one.kind is ParameterKind.KEYWORD and not one.default and one.name not in known
    ]


def _php_test(subject: Subject, case: Case, file: FileOutline, taken: Names) -> str:
    outline = subject.outline
    sure = _sure(subject, case) and all(_is_simple(one, case) for one in _arguments(subject))
    space = f"\\{file.package}\\" if file.package else "\\"
    target = f"{space}{outline.name}"
    if subject.owner is not None:
        target = f"{space}{subject.owner.name}::{outline.name}"
        if subject.is_method:
            target = f"(new {space}{subject.owner.name}())->{outline.name}"
        if outline.kind == "constructor":
            target = f"new {space}{subject.owner.name}"
    call = f"{target}({', '.join(_php_value(one, case) for one in _arguments(subject))})"
    name = taken.unique(camel(f"test {words_of(outline)} {case.title}"))
    lines = [f"public function {_lower(name)}(): void", "{"]
    if not sure:
        why = _single(reason(subject, case, shown_call(subject)))
        lines += [f"    self::markTestIncomplete({why});", f"    // {call};"]
    elif case.known is Known.RAISES:
        lines += [
            f"    $this->expectException({_php_class(case.expected, file)}::class);",
            "",
            f"    {call};",
        ]
    else:
        lines.append(f"    self::assertSame({case.expected}, {call});")
    return _indented([*lines, "}"], "    ")


def _php_class(name: str, file: FileOutline) -> str:
    """The error's full name: imported, of the file's own namespace, or a global one."""
    for one in file.imports:
        module = one.modules[0] if one.modules else ""
        if module.rpartition("\\")[2] == name:
            return f"\\{module}"
    own = any(one.name == name for one in file.definitions)
    return f"\\{file.package}\\{name}" if own and file.package else f"\\{name}"


def _sure(subject: Subject, case: Case, *, on_object: bool | None = None) -> bool:
    if subject.blocked or case.known not in (Known.RAISES, Known.RETURNS):
        return False
    method = subject.is_method if on_object is None else on_object
    if method and not subject.makes_itself:
        return False
    owner = subject.owner
    if subject.outline.kind == "constructor" and owner is not None:
        return not subject.is_abstract and (not owner.bases or owner.language in ("java", "csharp"))
    return not subject.outline.is_generator


def _arguments(subject: Subject) -> list[Parameter]:
    skipped = (ParameterKind.VARIADIC, ParameterKind.KEYWORDS, ParameterKind.BLOCK)
    return [one for one in subject.outline.given if one.kind not in skipped]


def _is_simple(one: Parameter, case: Case) -> bool:
    """Whether there is a value that is certain to be accepted."""
    return one.name in case.values or kind_of(one.type) in (*_PLAIN, "none") or bool(one.default)


def _java_value(one: Parameter, case: Case) -> str:
    kind = one.type.split("<")[0]
    if one.name in case.values:
        value = case.values[one.name]
        return f"({kind}) null" if value is None else _plain_literal(value)
    if kind in _INTEGER_BOXES:
        return "null"
    found = _PLAIN.get(kind_of(one.type))
    return found or "null"


def _csharp_value(one: Parameter, case: Case) -> str:
    if one.name in case.values:
        value = case.values[one.name]
        return "null!" if value is None else _plain_literal(value)
    if one.default:
        return one.default
    return _PLAIN.get(kind_of(one.type)) or "default!"


def _ruby_value(one: Parameter, case: Case) -> str:
    if one.name in case.values:
        value = case.values[one.name]
        return "nil" if value is None else _plain_literal(value)
    return "nil"


def _php_value(one: Parameter, case: Case) -> str:
    if one.name in case.values:
        value = case.values[one.name]
        if isinstance(value, str):
            return _single(value)
        return "null" if value is None else _plain_literal(value)
    if one.default:
        return one.default
    found = {"text": "'text'", "list": "[]"}.get(kind_of(one.type)) or _PLAIN.get(kind_of(one.type))
    return found or "null"


def _plain_literal(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _single(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _ruby_text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("#", "\\#")


def _lower(name: str) -> str:
    return name[:1].lower() + name[1:]


def _indented(lines: list[str], indent: str) -> str:
    return "\n".join(f"{indent}{line}" if line else "" for line in lines)
