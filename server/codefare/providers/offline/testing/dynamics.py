"""Test classes of dynamic languages: Minitest and PHPUnit."""

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
    relative,
    shown_call,
    slug,
    words_of,
)
from codefare.providers.offline.testing.values import kind_of
from codefare.providers.offline.words import word_set
from codefare.source.roles import ParameterKind

if TYPE_CHECKING:
    from pathlib import Path

    from codefare.providers.offline.testing.subjects import Subject
    from codefare.source.facts import FileOutline
    from codefare.source.parameters import Parameter

_RUBY_ERRORS = word_set(
    """ArgumentError EOFError FloatDomainError FrozenError IOError IndexError KeyError LoadError
    LocalJumpError NameError NoMethodError NotImplementedError RangeError RegexpError RuntimeError
    SecurityError StandardError StopIteration TypeError ZeroDivisionError"""
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


def _ruby_test(subject: Subject, case: Case, taken: Names) -> str:
    outline = subject.outline
    method = subject.is_method and not outline.signature.startswith("def self.")
    sure = is_sure(subject, case, on_object=method)
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
    return indented([*lines, "end"], "  ")


def _needed_keywords(subject: Subject, case: Case) -> list[Parameter]:
    known = {one.name for one in subject.arguments(case)}
    return [
        one
        for one in subject.outline.given
        if one.kind is ParameterKind.KEYWORD and not one.default and one.name not in known
    ]


def _php_test(subject: Subject, case: Case, file: FileOutline, taken: Names) -> str:
    outline = subject.outline
    sure = is_sure(subject, case) and all(is_simple(one, case) for one in passed_to(subject))
    space = f"\\{file.package}\\" if file.package else "\\"
    target = f"{space}{outline.name}"
    if subject.owner is not None:
        target = f"{space}{subject.owner.name}::{outline.name}"
        if subject.is_method:
            target = f"(new {space}{subject.owner.name}())->{outline.name}"
        if outline.kind == "constructor":
            target = f"new {space}{subject.owner.name}"
    call = f"{target}({', '.join(_php_value(one, case) for one in passed_to(subject))})"
    name = taken.unique(camel(f"test {words_of(outline)} {case.title}"))
    lines = [f"public function {lower_first(name)}(): void", "{"]
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
    return indented([*lines, "}"], "    ")


def _php_class(name: str, file: FileOutline) -> str:
    """The error's full name: imported, of the file's own namespace, or a global one."""
    for one in file.imports:
        module = one.modules[0] if one.modules else ""
        if module.rpartition("\\")[2] == name:
            return f"\\{module}"
    own = any(one.name == name for one in file.definitions)
    return f"\\{file.package}\\{name}" if own and file.package else f"\\{name}"


def _ruby_value(one: Parameter, case: Case) -> str:
    if one.name in case.values:
        value = case.values[one.name]
        return "nil" if value is None else plain_literal(value)
    return "nil"


def _php_value(one: Parameter, case: Case) -> str:
    if one.name in case.values:
        value = case.values[one.name]
        if isinstance(value, str):
            return _single(value)
        return "null" if value is None else plain_literal(value)
    if one.default:
        return one.default
    found = {"text": "'text'", "list": "[]"}.get(kind_of(one.type)) or PLAIN.get(kind_of(one.type))
    return found or "null"


def _single(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _ruby_text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("#", "\\#")
