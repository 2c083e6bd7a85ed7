"""Test files for C (plain assert) and C++ (GoogleTest)."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from codefare.legible import file_name
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
from codefare.source.roles import ParameterKind

if TYPE_CHECKING:
    from pathlib import Path

    from codefare.providers.offline.testing.subjects import Subject
    from codefare.source.facts import FileOutline
    from codefare.source.parameters import Parameter

_HEADERS = (".h", ".hpp", ".hh", ".hxx", ".h++")
_PLAIN = {"text": '"text"', "integer": "1", "float": "1.0", "boolean": "true"}
_STANDARD_ERRORS = re.compile(r"std::\w+\Z")


def c_file(subjects: list[Subject], file: FileOutline, path: Path | None, test: Path | None) -> str:
    """A program whose main runs each case with assert; pending cases say so on the way."""
    taken = Names()
    names: list[str] = []
    tests: list[str] = []
    for subject in subjects:
        for case in subject.cases:
            name = taken.unique(
                "_".join(filter(None, ["test", words_of(subject.outline), slug(case.title)]))
            )
            names.append(name)
            tests.append(_c_test(subject, case, name))
    shown = file_name(path, "the code")
    head = [
        f"/* Tests of {shown}. The code is included, so that static functions can be called:",
        f"   compile this file alone, without {shown}. */",
        "#undef NDEBUG /* assert has to work in every build */",
        "#include <assert.h>",
        "#include <stdio.h>",
        "#include <string.h>",
    ]
    if path is not None:
        where = json.dumps(relative(path, test))
        main = any(one.name == "main" for one in file.definitions)
        renamed = ["#define main main_of_the_program", f"#include {where}", "#undef main"]
        head += renamed if main else [f"#include {where}"]
    head += ["", '#define PENDING(reason) printf("pending: %s: %s\\n", __func__, reason)']
    calls = "\n".join(f"    {name}();" for name in names)
    program = f"int main(void)\n{{\n{calls}\n    return 0;\n}}"
    return "\n".join(head) + "\n\n" + "\n\n".join([*tests, program]) + "\n"


def cpp_file(
    subjects: list[Subject], file: FileOutline, path: Path | None, test: Path | None
) -> str:
    """A TEST for each case; GTEST_SKIP where it is pending."""
    taken = Names()
    tests = [_cpp_test(subject, case, taken) for subject in subjects for case in subject.cases]
    head = ["#include <gtest/gtest.h>", ""]
    stem = path.stem if path else ""
    own = [
        f'#include "{module}"'
        for one in file.imports
        for module in one.modules
        if path is not None
        and module.rpartition("/")[2] in {f"{stem}{suffix}" for suffix in _HEADERS}
    ]
    if own:
        head += own
    elif path is not None:
        head.append(f"#include {json.dumps(relative(path, test))}")
    return "\n".join(head) + "\n\n" + "\n\n".join(tests) + "\n"


def _c_test(subject: Subject, case: Case, name: str) -> str:
    outline = subject.outline
    arguments = _arguments(subject)
    sure = case.known is Known.RETURNS and all(_is_safe(one, case) for one in arguments)
    sure = sure and _known_word(case.expected) and kind_of(outline.returns) != "text"
    call = f"{outline.name}({', '.join(_c_value(one, case) for one in arguments)})"
    lines = [f"static void {name}(void)", "{"]
    if sure:
        equal = f"{call} == {case.expected}"
        if case.expected.startswith('"'):
            equal = f"strcmp({call}, {case.expected}) == 0"
        lines.append(f"    assert({equal});")
    else:
        why = json.dumps(reason(subject, case, shown_call(subject)), ensure_ascii=False)
        lines += [f"    PENDING({why});", f"    /* {_commented(call)}; */"]
    return "\n".join([*lines, "}"])


def _cpp_test(subject: Subject, case: Case, taken: Names) -> str:
    outline = subject.outline
    arguments = _arguments(subject)
    owner = subject.owner.name if subject.owner else ""
    space = outline.container if subject.owner is None else subject.owner.container
    scope = "::".join(part for part in space.split(".") if part)
    group = camel(owner or outline.name) or "Code"
    label = camel(" ".join([outline.name if owner else "", case.title])) or "Ordinary"
    name = taken.unique(f"{group}_{label}").removeprefix(f"{group}_")
    template = outline.signature.startswith("template")
    certain = case.known in (Known.RETURNS, Known.RAISES) and not template and not subject.blocked
    sure = certain and all(_is_safe(one, case) for one in arguments) and not subject.is_method
    sure = sure and not (outline.kind == "constructor" and subject.is_abstract)
    if case.known is Known.RAISES:
        sure = sure and _STANDARD_ERRORS.match(case.expected) is not None
    target = "::".join(
        part for part in (scope, owner if outline.kind != "constructor" else "", "") if part
    )
    target = f"{target}::{outline.name}" if target else outline.name
    if subject.is_method:
        target = f"{owner[:1].lower()}{owner[1:]}.{outline.name}"
    call = f"{target}({', '.join(_cpp_value(one, case) for one in arguments)})"
    lines = [f"TEST({group}, {name}) {{"]
    if not sure:
        why = json.dumps(reason(subject, case, shown_call(subject)), ensure_ascii=False)
        lines += [f"  GTEST_SKIP() << {why};", f"  // {call};"]
    elif case.known is Known.RAISES:
        lines.append(f"  EXPECT_THROW({call}, {case.expected});")
    elif case.expected.startswith('"'):
        lines.append(f"  EXPECT_EQ(std::string({call}), {case.expected});")
    else:
        lines.append(f"  EXPECT_EQ({call}, {case.expected});")
    return "\n".join([*lines, "}"])


def _arguments(subject: Subject) -> list[Parameter]:
    return [
        one
        for one in subject.outline.given
        if one.kind is ParameterKind.POSITIONAL and one.name != "..."
    ]


def _is_safe(one: Parameter, case: Case) -> bool:
    """Whether the argument is certain to fit its type."""
    if one.name in case.values:
        return True
    return kind_of(one.type) in _PLAIN or one.type.endswith("*")


def _known_word(expected: str) -> bool:
    return re.fullmatch(r"-?[\d.]+|NULL|true|false|\"[^\"]*\"|'[^']'", expected) is not None


def _c_value(one: Parameter, case: Case) -> str:  # noqa: PLR0911  one return for each kind of type
    if one.name in case.values:
        value = case.values[one.name]
        if value is None:
            return "NULL"
        if isinstance(value, bool):
            return str(int(value))
        return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else str(value)
    if re.search(r"\bchar\s*\*", one.type):
        return '"text"'
    if one.type.endswith("*") or "(*" in one.type or "[" in one.type:
        return "NULL"
    kind = kind_of(one.type)
    if kind in ("integer", "float"):
        return _PLAIN[kind]
    if kind == "boolean":
        return "1"
    return f"({one.type}){{0}}"


def _cpp_value(one: Parameter, case: Case) -> str:
    if one.name in case.values:
        value = case.values[one.name]
        if value is None:
            return "nullptr"
        if isinstance(value, bool):
            return "true" if value else "false"
        return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else str(value)
    kind = kind_of(one.type)
    if kind in _PLAIN:
        return _PLAIN[kind]
    return "nullptr" if one.type.endswith("*") else "{}"


def _commented(text: str) -> str:
    return text.replace("*/", "* /").replace("/*", "/ *")
