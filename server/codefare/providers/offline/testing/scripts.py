"""Test files for Vitest and Jest, in JavaScript and TypeScript."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from codefare.providers.offline.testing.cases import Case, Known
from codefare.providers.offline.testing.subjects import reason, relative, shown_call
from codefare.providers.offline.testing.values import kind_of
from codefare.providers.offline.words import word_set
from codefare.source.regular import read_regular

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from codefare.providers.offline.testing.subjects import Subject
    from codefare.providers.offline.testing.values import Value
    from codefare.source.facts import FileOutline
    from codefare.source.parameters import Parameter

_ERRORS = word_set(
    "Error TypeError RangeError SyntaxError ReferenceError EvalError URIError AggregateError"
)
_LONG_TEXT = 20
_MOST_FOLDERS = 12
_LARGEST = 262_144  # bytes of a package.json that is still read


def script_file(
    subjects: list[Subject], file: FileOutline, path: Path | None, test: Path | None
) -> str:
    """A `describe` for each definition, an `it` for each case, `it.skip` where it is pending."""
    typed = file.language != "javascript"
    blocks: list[str] = []
    used: dict[str, None] = {}
    for subject in subjects:
        top = subject.outline.qualified_name.split(".")[0]
        why = subject.blocked
        if not why and top not in file.exports:
            why = f"{top} is not exported: export it to test it"
        if not why:
            used[top] = None
        blocks.append(_describe(subject, why, typed=typed))
    head = _runner(path)
    head += _imports(list(used), file, path, test)
    return "\n".join(head) + "\n\n" + "\n\n".join(blocks) + "\n"


def _runner(path: Path | None) -> list[str]:
    """The import of Vitest, whose functions are not global; Jest's are."""
    folder = path.parent if path else None
    for _ in range(_MOST_FOLDERS):
        if folder is None or folder == folder.parent:
            break
        package = folder / "package.json"
        try:
            if package.is_file() and package.stat().st_size <= _LARGEST:
                text = read_regular(package, _LARGEST).decode("utf-8", "replace")
                if '"vitest"' in text:
                    return ['import { describe, expect, it } from "vitest";']
                if '"jest"' in text:
                    return []
        except OSError:
            break
        folder = folder.parent
    return ['// Vitest without globals needs: import { describe, expect, it } from "vitest";']


def _imports(
    names: list[str], file: FileOutline, path: Path | None, test: Path | None
) -> list[str]:
    if not names or path is None:
        return []
    where = relative(path, test)
    where = where if where.startswith(".") else f"./{where}"
    if file.language != "javascript" and where.endswith((".ts", ".tsx")):
        where = where.rsplit(".", 1)[0]
    default = [name for name in names if file.exports.get(name) == "default"]
    whole = [name for name in names if file.exports.get(name) == "whole"]
    named = [name for name in names if file.exports.get(name) == "named"]
    module = json.dumps(where)
    if whole:
        return [f"const {whole[0]} = require({module});"]
    if file.common:
        return [f"const {{ {', '.join(named)} }} = require({module});"]
    parts = default[:1] + ([f"{{ {', '.join(named)} }}"] if named else [])
    return [f"import {', '.join(parts)} from {module};"]


def _describe(subject: Subject, why: str, *, typed: bool) -> str:
    title = shown_call(subject).removesuffix("()")
    lines = [f"describe({json.dumps(title, ensure_ascii=False)}, () => {{"]
    if why:
        lines.append(f"  it.todo({json.dumps(why, ensure_ascii=False)});")
    else:
        for number, case in enumerate(subject.cases):
            lines += [""] if number else []
            lines += [f"  {line}" if line else "" for line in _it(subject, case, typed=typed)]
    return "\n".join([*lines, "});"])


def _it(subject: Subject, case: Case, *, typed: bool) -> Iterable[str]:
    outline = subject.outline
    sure = case.known in (Known.RAISES, Known.RETURNS) and (
        not subject.is_method or subject.makes_itself
    )
    if outline.kind == "constructor" and subject.owner is not None:
        sure = sure and not subject.owner.bases and not subject.is_abstract
    made: list[str] = []
    target = outline.qualified_name
    if outline.kind == "constructor":
        target = f"new {subject.owner.name if subject.owner else outline.container}"
    elif subject.is_method and subject.owner is not None:
        variable = subject.owner.name[:1].lower() + subject.owner.name[1:]
        variable = variable if variable != subject.owner.name else "object"
        empty = Case("", Known.PENDING, "", {})
        needed = subject.constructor.given if subject.constructor else ()
        values = [_value(one, empty, typed=typed) for one in needed if not one.optional]
        made.append(f"const {variable} = new {subject.owner.name}({', '.join(values)});")
        target = f"{variable}{_member(outline.name)}"
    arguments = subject.arguments(case)
    passed: list[str] = []
    for number, one in enumerate(arguments):
        name = one.name if not one.destructured else f"argument{number + 1}"
        made.append(f"const {name} = {_value(one, case, typed=typed)};")
        passed.append(name)
    call = f"{target}({', '.join(passed)})"
    if outline.is_generator and not outline.is_async:
        call = f"[...{call}]"
    waits = outline.is_async and not outline.is_generator
    title = case.title or "works"
    body = _act(case, call, waits=waits, new=outline.kind == "constructor")
    if sure and case.known is Known.RAISES:
        title = f"throws {case.expected} {case.title}"
    elif sure:
        title = f"returns {case.expected} {case.title}"
    start = "it" if sure else "it.skip"
    opened = "async () => {" if waits else "() => {"
    yield f"{start}({json.dumps(title.strip(), ensure_ascii=False)}, {opened}"
    if not sure:
        yield f"  // Pending: {reason(subject, case, shown_call(subject))}."
    yield from (f"  {line}" for line in made)
    if made:
        yield ""
    yield from (f"  {line}" if line else "" for line in body)
    yield "});"


def _act(case: Case, call: str, *, waits: bool, new: bool) -> list[str]:
    if case.known is Known.RAISES:
        error = case.expected if case.expected in _ERRORS else ""
        if waits:
            return [f"await expect({call}).rejects.toThrow({error});"]
        return [f"expect(() => {call}).toThrow({error});"]
    value = f"await {call}" if waits else call
    if case.known is Known.RETURNS:
        return [f"expect({value}).toBe({case.expected});"]
    if new:
        return [f"expect({call}).toBeDefined();"]
    return [
        f"const result = {value};",
        "",
        "expect(result).toBe(undefined); // the expected result",
    ]


def _member(name: str) -> str:
    return name if name.startswith("[") else f".{name}"


def _value(one: Parameter, case: Case, *, typed: bool) -> str:
    if one.name in case.values:
        return _literal(case.values[one.name], one)
    plain = {"text": '"text"', "integer": "1", "number": "1", "float": "1", "boolean": "true"}
    kind = kind_of(one.type)
    if kind in plain:
        return plain[kind]
    if kind == "list":
        return "[]"
    if one.destructured and not typed:
        return "{}" if one.name.startswith("{") else "[]"
    return "undefined as never" if typed else "undefined"


def _literal(value: Value, one: Parameter) -> str:
    if value is None:
        return "undefined" if one.optional else "null"
    if isinstance(value, str) and len(value) > _LONG_TEXT and len(set(value)) == 1:
        return f'"{value[0]}".repeat({len(value)})'
    return json.dumps(value, ensure_ascii=False)
