"""pytest files."""

from __future__ import annotations

import json
import keyword
import re
from typing import TYPE_CHECKING

from codefare.legible import file_name
from codefare.providers.offline.testing.cases import Case, Known
from codefare.providers.offline.testing.subjects import Names, reason, shown_call, slug, words_of
from codefare.providers.offline.testing.values import kind_of, may_be_none
from codefare.providers.offline.words import word_set
from codefare.source.roles import ParameterKind

if TYPE_CHECKING:
    from pathlib import Path

    from codefare.providers.offline.testing.subjects import Subject
    from codefare.providers.offline.testing.values import Value
    from codefare.source.facts import FileOutline
    from codefare.source.parameters import Parameter

_BUILTIN_ERRORS = word_set(
    """ArithmeticError AssertionError AttributeError BaseException BlockingIOError BrokenPipeError
    BufferError ChildProcessError ConnectionAbortedError ConnectionError ConnectionRefusedError
    ConnectionResetError EOFError Exception FileExistsError FileNotFoundError FloatingPointError
    IOError ImportError IndentationError IndexError InterruptedError IsADirectoryError KeyError
    LookupError MemoryError ModuleNotFoundError NameError NotADirectoryError NotImplementedError
    OSError OverflowError PermissionError ProcessLookupError RecursionError ReferenceError
    RuntimeError StopAsyncIteration StopIteration SyntaxError SystemError TimeoutError TypeError
    UnboundLocalError UnicodeDecodeError UnicodeEncodeError UnicodeError ValueError
    ZeroDivisionError"""
)
_WIDTH = 88
_LONGEST_NAME = 100
_LONGEST_NOTE = 50
_LONG_TEXT = 20
_KEPT = frozenset({"staticmethod", "classmethod"})
_PLACEHOLDERS = {
    "bytes": 'b""',
    "bytearray": "bytearray()",
    "dict": "{}",
    "Mapping": "{}",
    "MutableMapping": "{}",
    "set": "set()",
    "frozenset": "frozenset()",
    "tuple": "()",
    "Iterable": "[]",
    "Iterator": "iter([])",
    "Collection": "[]",
    "complex": "1j",
    "object": "object()",
}


def pytest_file(
    subjects: list[Subject], file: FileOutline, path: Path | None, known_as: str = ""
) -> str:
    """A test module: a function for each case, skipped where the tree does not tell the outcome.

    `known_as` is the module's name where tests of it are there already, and import it by that.
    """
    module, found = (known_as, True) if known_as else _module(path)
    names: dict[str, None] = {}
    tests: list[str] = []
    taken = Names()
    uses_asyncio = False
    for subject in subjects:
        for case in subject.cases:
            test = _test(subject, case, file, taken)
            tests.append(test)
            uses_asyncio |= "asyncio.run(" in test
            if not subject.blocked:
                names[_imported(subject)] = None
            error = case.expected or case.error
            if f"pytest.raises({error})" in test and error not in _BUILTIN_ERRORS:
                names[error] = None
    header = [
        f'"""Tests of {file_name(path, "the module")}."""',
        "",
        "from __future__ import annotations",
        "",
    ]
    standard = ["import asyncio"] if uses_asyncio else []
    standard += ["import sys", "from pathlib import Path"] if not found and path else []
    header += [*standard, ""] if standard else []
    header += ["import pytest", ""]
    if not found and path:
        header += [
            f"# {file_name(path, 'The module')} is in no package: put the folder that it is in on the path.",
            "for _folder in Path(__file__).resolve().parents:",
            f"    if (_folder / {json.dumps(path.name)}).is_file():",
            "        sys.path.insert(0, str(_folder))",
            "        break",
            "",
        ]
    if names:
        header += [_import(module, sorted(names)), ""]
    return "\n".join(header) + "\n\n" + "\n\n\n".join(tests) + "\n"


def _module(path: Path | None) -> tuple[str, bool]:
    """The dotted name of the module, and whether it is in a package."""
    if path is None:
        return "module", True
    parts = [path.stem] if path.stem != "__init__" else []
    folder = path.parent
    while (folder / "__init__.py").is_file() and folder != folder.parent:
        parts.insert(0, folder.name)
        folder = folder.parent
    return ".".join(parts) or path.stem, len(parts) > 1 or path.stem == "__init__"


def _import(module: str, names: list[str]) -> str:
    importable = all(
        part.isidentifier() and not keyword.iskeyword(part) for part in module.split(".")
    )
    if not importable:
        lines = [f"{name} = _module.{name}" for name in names]
        head = ["import importlib", "", f"_module = importlib.import_module({json.dumps(module)})"]
        return "\n".join([*head, *lines])
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= _WIDTH:
        return line
    return "\n".join([f"from {module} import (", *(f"    {name}," for name in names), ")"])


def _imported(subject: Subject) -> str:
    """The name at the module's top through which the subject is reached."""
    return subject.outline.qualified_name.split(".")[0]


def _test(subject: Subject, case: Case, file: FileOutline, taken: Names) -> str:
    outline = subject.outline
    method = subject.is_method or outline.kind == "constructor"
    sure = _sure(subject, case, file)
    name = taken.unique(_name(subject, case, sure=sure))
    arguments = subject.arguments(case)
    lines: list[str] = []
    if not sure:
        why = reason(subject, case, shown_call(subject))
        lines.append(f"@pytest.mark.skip(reason={_quoted(why)})")
    lines.append(f"def {name}() -> None:")
    if subject.blocked:
        return "\n".join([*lines, "    pass"])
    arrange: list[str] = []
    target = outline.qualified_name
    if outline.kind == "constructor":
        target = subject.owner.qualified_name if subject.owner else outline.container
    elif method and subject.owner is not None:
        made = _made(subject)
        arrange.append(f"{_variable(subject)} = {made}")
        target = f"{_variable(subject)}.{outline.name}"
    passed: list[str] = []
    for one in arguments:
        value, note = _value(one, case)
        arrange.append(f"{_safe(one.name)} = {value}{f'  # {note}' if note else ''}")
        by_name = one.kind is ParameterKind.KEYWORD or (
            one.optional and one.kind is ParameterKind.POSITIONAL
        )
        passed.append(f"{one.name}={_safe(one.name)}" if by_name else _safe(one.name))
    call = f"{target}({', '.join(passed)})"
    if outline.is_async and not outline.is_generator:
        call = f"asyncio.run({call})"
    elif outline.is_generator and not outline.is_async:
        call = f"list({call})"
    lines += [f"    {line}" for line in arrange]
    if arrange:
        lines.append("")
    return "\n".join([*lines, *_act(subject, case, call, file, sure=sure)])


def _name(subject: Subject, case: Case, *, sure: bool) -> str:
    parts = ["test", words_of(subject.outline)]
    if sure and case.known is Known.RAISES:
        parts.append(f"raises_{slug(case.expected)}")
    elif sure:
        parts.append(f"returns_{slug(case.expected) or 'it'}")
    parts.append(slug(case.title))
    return "_".join(part for part in parts if part)[:_LONGEST_NAME].rstrip("_")


def _act(subject: Subject, case: Case, call: str, file: FileOutline, *, sure: bool) -> list[str]:
    error = case.expected if case.known is Known.RAISES else case.error
    if error and _is_reachable(error, file):
        return [f"    with pytest.raises({error}):", f"        {call}"]
    if sure:
        word = "is" if case.expected in ("None", "True", "False") else "=="
        return [f"    assert {call} {word} {case.expected}"]
    if subject.outline.kind == "constructor":
        return [f"    made = {call}", "", "    assert made is not None"]
    return [f"    result = {call}", "", "    assert result == ..."]


def _sure(subject: Subject, case: Case, file: FileOutline) -> bool:
    """Whether the outcome is certain enough to be asserted."""
    outline = subject.outline
    if subject.blocked or case.known not in (Known.RAISES, Known.RETURNS):
        return False
    if any(one.text.endswith("import *") for one in file.imports):
        return False  # what is imported so may take the definition's place
    if {*outline.decorators} - _KEPT or (outline.is_async and outline.is_generator):
        return False
    if subject.is_method and not subject.makes_itself:
        return False
    if outline.kind == "constructor" and subject.owner is not None:
        owner = subject.owner
        if owner.bases or owner.decorators or any(one.name == "__new__" for one in owner.members):
            return False
    return case.known is Known.RETURNS or _is_reachable(case.expected, file)


def _is_reachable(error: str, file: FileOutline) -> bool:
    return error in _BUILTIN_ERRORS or (error.isidentifier() and error in file.names)


def _variable(subject: Subject) -> str:
    name = (
        slug("_".join(re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+", subject.owner.name)))
        if subject.owner
        else ""
    )
    return _safe(name or "it")


def _made(subject: Subject) -> str:
    """The call that makes an object of the class, with placeholders."""
    owner, constructor = subject.owner, subject.constructor
    name = owner.qualified_name if owner else "object"
    if constructor is None:
        needed = (
            [one for one in owner.fields if not one.default] if owner and owner.decorators else []
        )
        return f"{name}({', '.join('...' for _ in needed)})"
    empty = Case("", Known.PENDING, "", {})
    passed: list[str] = []
    for one in constructor.given:
        if one.optional or one.kind in (ParameterKind.VARIADIC, ParameterKind.KEYWORDS):
            continue
        value, _ = _value(one, empty)
        passed.append(f"{one.name}={value}" if one.kind is ParameterKind.KEYWORD else value)
    return f"{name}({', '.join(passed)})"


def _value(one: Parameter, case: Case) -> tuple[str, str]:
    """An argument's source, and a note on what it should be where that is not known."""
    if one.name in case.values:
        return _literal(case.values[one.name]), ""
    kind = kind_of(one.type)
    plain = {"text": '"text"', "integer": "1", "float": "1.0", "number": "1", "boolean": "True"}
    if kind in plain:
        return plain[kind], ""
    if kind == "list":
        return "[]", ""
    base = re.split(r"[\[|]", one.type)[0].strip().rpartition(".")[2]
    if base in _PLACEHOLDERS:
        return _PLACEHOLDERS[base], ""
    if kind == "none" or may_be_none(one.type, "python"):
        return "None", "" if one.type else "any value"
    return "None", one.type if len(one.type) < _LONGEST_NOTE else ""


def _literal(value: Value) -> str:
    if isinstance(value, str):
        return (
            f'"{value[0]}" * {len(value)}'
            if len(value) > _LONG_TEXT and len(set(value)) == 1
            else _quoted(value)
        )
    return repr(value)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _safe(name: str) -> str:
    name = name.lstrip("*")
    return (
        f"{name}_" if keyword.iskeyword(name) or name in ("pytest", "asyncio", "result") else name
    )
