"""Rust tests for the built-in harness."""

from __future__ import annotations

import json
import re
import tomllib
from typing import TYPE_CHECKING

from codefare.legible import file_name
from codefare.providers.offline.testing.cases import Case, Known
from codefare.providers.offline.testing.subjects import (
    Names,
    reason,
    shown_call,
    slug,
    words_of,
)
from codefare.providers.offline.testing.values import kind_of
from codefare.source.regular import read_regular
from codefare.source.roles import ParameterKind

if TYPE_CHECKING:
    from pathlib import Path

    from codefare.providers.offline.testing.subjects import Subject
    from codefare.providers.offline.testing.values import Value
    from codefare.source.facts import FileOutline
    from codefare.source.parameters import Parameter

_GENERIC = re.compile(r"fn\s+\w+\s*<[^>]*[A-Z]|\bimpl\s|\bdyn\s")
_LARGEST = 262_144  # bytes of a Cargo.toml that is still read


def rust_file(
    subjects: list[Subject], file: FileOutline, path: Path | None, test: Path | None
) -> str:
    """An integration test where the crate's name is known, else a module to put beside the code."""
    del file
    crate = _crate_path(path) if test is not None and test.parent.name == "tests" else ""
    name = file_name(path, "the module")
    if crate:
        head = [f"//! Tests of {name}.", "", "#[allow(unused_imports)]", f"use {crate}::*;"]
    else:
        stem = test.stem if test is not None else "tests"
        head = [
            f"//! Tests of {name}. Declare them at its end:",
            "//!",
            f"//! #[cfg(test)] #[path = {json.dumps(test.name if test else 'tests.rs')}] mod {stem};",
            "",
            "#[allow(unused_imports)]",
            "use super::*;",
        ]
    taken = Names()
    tests = [
        _test(subject, case, taken, outside=bool(crate))
        for subject in subjects
        for case in subject.cases
    ]
    module = [
        "#[cfg(test)]",
        "#[allow(unused, unreachable_code)]",
        "mod tests {",
        "    use super::*;",
    ]
    body = "\n\n".join(_indented(test) for test in tests)
    return "\n".join([*head, "", *module, "", body, "}"]) + "\n"


def _crate_path(path: Path | None) -> str:
    """`my_crate::module`, read from Cargo.toml and the place below src; "" where it is not known."""
    if path is None:
        return ""
    for folder in path.parents:
        manifest = folder / "Cargo.toml"
        try:
            if not manifest.is_file() or manifest.stat().st_size > _LARGEST:
                continue
            package = tomllib.loads(
                read_regular(manifest, _LARGEST).decode("utf-8", "replace")
            ).get("package", {})
            parts = path.relative_to(folder / "src").with_suffix("").parts
        except (OSError, ValueError):
            return ""
        name = str(package.get("name", "")).replace("-", "_")
        if not name or path.name == "main.rs":
            return ""
        inner = [part for part in parts if part not in ("lib", "mod")]
        return "::".join([name, *inner])
    return ""


def _test(subject: Subject, case: Case, taken: Names, *, outside: bool) -> str:
    outline = subject.outline
    why = subject.blocked
    if outside and outline.is_private:
        why = f"{outline.name} is not pub: test it through what calls it, or beside the code"
    generic = _GENERIC.search(outline.signature) is not None
    sure = not why and not generic and not subject.is_method and case.known is not Known.PENDING
    sure = sure and not outline.is_async and all(_simple(one, case) for one in _arguments(subject))
    sure = sure and _comparable(case)
    name = taken.unique("_".join(filter(None, ["test", words_of(outline), slug(case.title)]))[:90])
    lines = ["#[test]"]
    if not sure:
        told = why or reason(subject, case, shown_call(subject))
        lines.append(f"#[ignore = {json.dumps(told, ensure_ascii=False)}]")
    elif case.known is Known.PANICS:
        lines.append("#[should_panic]")
    lines.append(f"fn {_safe(name)}() {{")
    owner = subject.owner.name.split("<")[0] if subject.owner else ""
    target = f"{owner}::{outline.name}" if owner else outline.name
    if why or generic or outline.is_async or subject.is_method:
        what = f"{owner.lower()}.{outline.name}" if subject.is_method else target
        return "\n".join([*lines, f"    // Call {what}(...) here and check what it gives.", "}"])
    passed: list[str] = []
    for one in _arguments(subject):
        value = _value(one, case)
        kind = re.sub(r"'\w+\s*", "", one.type)
        lines.append(f"    let {_safe(one.name)}: {kind} = {value};")
        passed.append(_safe(one.name))
    call = f"{target}({', '.join(passed)})"
    return "\n".join([*lines, *(f"    {line}" for line in _act(case, call)), "}"])


def _act(case: Case, call: str) -> list[str]:
    if case.known is Known.FAILS:
        return [f"assert!({call}.is_err());"]
    if case.known is Known.RETURNS and case.expected == "None":
        return [f"assert!({call}.is_none());"]
    if case.known is Known.RETURNS:
        return [f"assert_eq!({call}, {case.expected});"]
    return [f"let _ = {call};"]


def _comparable(case: Case) -> bool:
    return case.known is not Known.RETURNS or case.expected not in ("nil", "null")


def _arguments(subject: Subject) -> list[Parameter]:
    return [one for one in subject.outline.given if one.kind is ParameterKind.POSITIONAL]


def _simple(one: Parameter, case: Case) -> bool:
    return one.name in case.values or kind_of(one.type) in ("text", "integer", "float", "boolean")


def _value(one: Parameter, case: Case) -> str:
    value = case.values.get(one.name)
    if value is None:
        plain: dict[str, Value] = {"text": "text", "integer": 1, "float": 1.0, "boolean": True}
        value = plain.get(kind_of(one.type))
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        text = json.dumps(value, ensure_ascii=False)
        return f"{text}.to_string()" if re.search(r"\bString\b", one.type) else text
    if isinstance(value, int | float):
        return str(value)
    return "todo!()"


def _safe(name: str) -> str:
    return (
        f"{name}_"
        if name in ("test", "fn", "type", "match", "loop", "move", "ref", "self")
        else name
    )


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" if line else "" for line in text.split("\n"))
