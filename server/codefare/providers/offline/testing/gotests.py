"""Go test files: a table for each function."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from codefare.providers.offline.outcomes import top_level_parts
from codefare.providers.offline.testing.cases import Case, Known
from codefare.providers.offline.testing.subjects import Names, reason, shown_call
from codefare.providers.offline.testing.values import kind_of
from codefare.source.roles import ParameterKind

if TYPE_CHECKING:
    from codefare.providers.offline.testing.subjects import Subject
    from codefare.source.facts import FileOutline
    from codefare.source.parameters import Parameter

_GENERIC = re.compile(r"func\s*(?:\([^)]*\)\s*)?\w+\s*\[|\(\s*\w+\s+\*?\w+\[")


def go_file(subjects: list[Subject], file: FileOutline) -> str:
    """Tests in the package itself, so that unexported names are reached too."""
    taken = Names()
    tests = [_test(subject, taken) for subject in subjects]
    text = "\n\n".join(tests)
    imports = {'"testing"'}
    for one in file.imports:
        name, path = (one.names or ("",))[0], one.text
        if name and name != "testing" and re.search(rf"\b{re.escape(name)}\.\w", text):
            imports.add(path)
    listed = sorted(imports, key=lambda path: path.split('"')[1])
    head = "\n".join(["import (", *(f"\t{path}" for path in listed), ")"])
    return f"package {file.package or 'main'}\n\n{head}\n\n{text}\n"


def _test(subject: Subject, taken: Names) -> str:
    outline = subject.outline
    name = "".join(
        part[:1].upper() + part[1:] for part in (outline.container, outline.name) if part
    )
    lines = [f"func {taken.unique(f'Test{name}')}(t *testing.T) {{"]
    if _GENERIC.match(outline.signature):
        lines.append(
            f"\tt.Skip({json.dumps(f'say with which types {shown_call(subject)} is tested')})"
        )
        return "\n".join([*lines, "}"])
    arguments = [one for one in outline.given if one.kind is not ParameterKind.VARIADIC]
    named = [
        (f"arg{n}" if one.name in ("", "_") else one.name, one) for n, one in enumerate(arguments)
    ]
    results = _results(outline.returns)
    compared = results[0] if results and results[0] != "error" and _comparable(results[0]) else ""
    fields = [("name", "string"), ("skip", "string")]
    fields += [(_field(name), one.type) for name, one in named]
    fails = bool(results) and results[-1] == "error"
    panics = any(case.known is Known.PANICS for case in subject.cases)
    fields += [("want", compared)] if compared else []
    fields += [("wantErr", "bool")] if fails else []
    fields += [("wantPanic", "bool")] if panics else []
    width = max(len(field) for field, _ in fields)  # as gofmt would have it
    lines += ["\ttests := []struct {"]
    lines += [f"\t\t{field:<{width}} {kind}" for field, kind in fields]
    lines += ["\t}{"]
    lines += [_row(subject, case, named, compared) for case in subject.cases]
    lines += ["\t}", "\tfor _, tt := range tests {", "\t\tt.Run(tt.name, func(t *testing.T) {"]
    lines += ['\t\t\tif tt.skip != "" {', "\t\t\t\tt.Skip(tt.skip)", "\t\t\t}"]
    body = _call(subject, named, results, compared, fails=fails, panics=panics)
    lines += [f"\t\t\t{line}" for line in body]
    return "\n".join([*lines, "\t\t})", "\t}", "}"])


def _row(subject: Subject, case: Case, named: list[tuple[str, Parameter]], compared: str) -> str:
    sure = _sure(subject, case, compared)
    title = case.title or "the ordinary case"
    parts = [f"name: {json.dumps(title, ensure_ascii=False)}"]
    if not sure:
        why = reason(subject, case, shown_call(subject))
        parts.append(f"skip: {json.dumps(why, ensure_ascii=False)}")
    for name, one in named:
        if one.name in case.values:
            value = case.values[one.name]
            text = json.dumps(value, ensure_ascii=False) if value is not None else "nil"
            parts.append(f"{_field(name)}: {text}")
        elif plain := {"text": '"text"', "integer": "1", "boolean": "true"}.get(kind_of(one.type)):
            parts.append(f"{_field(name)}: {plain}")
    if sure and case.known is Known.RETURNS and case.expected != "nil":
        parts.append(f"want: {case.expected}")
    if case.known is Known.FAILS:
        parts.append("wantErr: true")
    if case.known is Known.PANICS:
        parts.append("wantPanic: true")
    return f"\t\t{{{', '.join(parts)}}},"


def _sure(subject: Subject, case: Case, compared: str) -> bool:
    # A method could use its receiver before the guard only through a parameter: the zero value will do.
    pointer = any(not one.given and one.type.startswith("*") for one in subject.outline.parameters)
    if subject.is_method and not pointer and subject.owner is None:
        return False
    if case.known in (Known.FAILS, Known.PANICS):
        return True
    return case.known is Known.RETURNS and bool(compared) and case.expected != "nil"


def _call(
    subject: Subject,
    named: list[tuple[str, Parameter]],
    results: list[str],
    compared: str,
    *,
    fails: bool,
    panics: bool,
) -> list[str]:
    outline = subject.outline
    lines: list[str] = []
    target = outline.name
    receiver = next((one for one in outline.parameters if not one.given), None)
    if receiver is not None:
        lines.append(f"var receiver {receiver.type.lstrip('*')}")
        target = f"receiver.{outline.name}"
    call = f"{target}({', '.join(f'tt.{_field(name)}' for name, _ in named)})"
    if panics:
        lines += [
            "defer func() {",
            "\tif r := recover(); (r != nil) != tt.wantPanic {",
            f'\t\tt.Errorf("{outline.name}() panicked with %v, want a panic: %v", r, tt.wantPanic)',
            "\t}",
            "}()",
        ]
    left = ["_"] * len(results)
    if compared:
        left[0] = "got"
    if fails:
        left[-1] = "err"
    if not results or not set(left) - {"_"}:
        return [*lines, call]
    lines.append(f"{', '.join(left)} := {call}")
    if fails:
        lines += [
            "if (err != nil) != tt.wantErr {",
            f'\tt.Fatalf("{outline.name}() error = %v, want an error: %v", err, tt.wantErr)',
            "}",
        ]
    if compared:
        lines += [
            "if got != tt.want {",
            f'\tt.Errorf("{outline.name}() = %v, want %v", got, tt.want)',
            "}",
        ]
    return lines


def _results(returns: str) -> list[str]:
    """The types of the results, without their names."""
    inner = returns[1:-1] if returns.startswith("(") and returns.endswith(")") else returns
    if not inner.strip():
        return []
    parts = top_level_parts(inner)
    named = [part.split(None, 1) for part in parts]
    if returns.startswith("(") and bool(named[-1][1:]) and _is_named(parts):
        return [part[1] if part[1:] else named[-1][1] for part in named]
    return parts


def _is_named(parts: list[str]) -> bool:
    last = parts[-1].split(None, 1)
    return last[0].isidentifier() and last[0] not in ("func", "chan", "map", "struct", "interface")


def _comparable(type_: str) -> bool:
    """Whether two values can be compared with ==, as far as the type's text tells."""
    return kind_of(type_) in ("text", "integer", "float", "boolean") or type_ in ("byte", "rune")


def _field(name: str) -> str:
    taken = {"name", "skip", "want", "wantErr", "wantPanic"}
    return f"{name}Arg" if name in taken else name
