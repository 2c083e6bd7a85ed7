"""Imports as single names, so that those of two files can be compared."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from codefare.tasks.testing.kinds import SCRIPTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from codefare.source.syntax import Parsed
    from codefare.tasks.testing.items import Item

_SPACE = re.compile(r"\s+")
_VERSION = re.compile(r"v\d+\Z")


@dataclass(frozen=True, slots=True)
class Entry:
    """One imported name, or one import that binds none.

    `module` and `name` are what is imported, `bound` what it is called in the file ("" if nothing is). `group` is the
    kind of statement it can join, in which it is written as `piece`; `statement` is the import alone. `soft` is true if
    it may be left out where `bound` is not used.
    """

    module: str
    name: str
    bound: str
    statement: str
    group: str = ""
    piece: str = ""
    soft: bool = False

    def same(self, other: Entry) -> bool:
        """Whether both import one thing: the way to a module may be written in several ways."""
        if (self.module, self.name) == (other.module, other.name):
            return True
        return (
            bool(self.name) and self.name == other.name and _end(self.module) == _end(other.module)
        )

    def covers(self, other: Entry) -> bool:
        """Whether this one imports all names of the other's module."""
        return self.name == "*" and self.module == other.module and not self.bound


def _end(module: str) -> str:
    last = re.split(r"[/.:\\]+", re.sub(r"\.(?:[cm]?[jt]sx?)\Z", "", module))[-1]
    return last or module


def entries(code: Parsed, item: Item) -> list[Entry]:
    """What an import item imports."""
    readers = {"python": _python, "go": _go, "rust": _rust, "java": _java, "csharp": _csharp}
    if code.language in SCRIPTS:
        return list(_script(code, item))
    if code.language in readers:
        return list(readers[code.language](code, item.node))
    if code.language == "php":
        return list(_php(code, item.node))
    text = flat(code.text(item.node))
    return [Entry(text.replace('"', "'"), "", "", text)]


def flat(text: str) -> str:
    """On one line."""
    return _SPACE.sub(" ", text).strip()


def _python(code: Parsed, node: Node) -> Iterator[Entry]:
    if node.type == "future_import_statement":
        return
    of = node.child_by_field_name("module_name")
    module = code.text(of) if of is not None else ""
    if any(child.type == "wildcard_import" for child in node.children):
        yield Entry(module, "*", "", flat(code.text(node)))
    for part in node.children_by_field_name("name"):
        full = part.child_by_field_name("name") or part
        alias = part.child_by_field_name("alias")
        name, piece = code.text(full), flat(code.text(part))
        bound = code.text(alias) if alias is not None else name
        if module:
            statement = f"from {module} import {piece}"
            yield Entry(module, name, bound, statement, f"from {module}", piece, soft=True)
        else:
            parent, _, last = name.rpartition(".")
            known = (parent, last) if alias is not None else (name, "")
            yield Entry(*known, bound, f"import {piece}", soft=True)


def _script(code: Parsed, item: Item) -> Iterator[Entry]:
    node = item.node
    if item.name == "require":
        yield from _required(code, node)
        return
    source = node.child_by_field_name("source")
    if source is None:
        yield Entry(flat(code.text(node)), "", "", flat(code.text(node)))
        return
    module = code.text(source).strip("\"'")
    kind = "type " if any(child.type == "type" for child in node.children) else ""
    clause = next((child for child in node.named_children if child.type == "import_clause"), None)
    if clause is None:
        yield Entry(module, "", "", f'import "{module}";')
        return
    for part in clause.named_children:
        text = flat(code.text(part))
        if part.type == "named_imports":
            for one in part.named_children:
                if one.type == "import_specifier":
                    yield _specifier(code, one, module, kind)
        else:
            bound = text.rpartition(" ")[2]
            name = "*" if part.type == "namespace_import" else "default"
            yield Entry(module, name, bound, f'import {kind}{text} from "{module}";', soft=True)


def _specifier(code: Parsed, node: Node, module: str, kind: str) -> Entry:
    name, alias = node.child_by_field_name("name"), node.child_by_field_name("alias")
    original = code.text(name) if name is not None else flat(code.text(node))
    piece = flat(code.text(node))
    return Entry(
        module,
        original,
        code.text(alias) if alias is not None else original,
        f'import {kind}{{ {piece} }} from "{module}";',
        f"import {kind}{module}",
        piece,
        soft=True,
    )


def _required(code: Parsed, node: Node) -> Iterator[Entry]:
    word = code.text(node).split(None, 1)[0]
    for declarator in node.named_children:
        name, value = (declarator.child_by_field_name(field) for field in ("name", "value"))
        if name is None or value is None:
            continue
        module = flat(code.text(value))[len("require(") : -1].strip(" \"'`")
        call = f'require("{module}")'
        if name.type != "object_pattern":
            bound = code.text(name)
            yield Entry(module, "*", bound, f"{word} {bound} = {call};", soft=True)
            continue
        for part in name.named_children:
            piece = flat(code.text(part))
            original, _, alias = (half.strip() for half in piece.partition(":"))
            statement = f"{word} {{ {piece} }} = {call};"
            group = f"require {module}"
            yield Entry(module, original, alias or original, statement, group, piece, soft=True)


def _go(code: Parsed, node: Node) -> Iterator[Entry]:
    waiting = list(node.named_children)
    for each in waiting:
        if each.type == "import_spec_list":
            waiting.extend(each.named_children)
        elif each.type == "import_spec":
            text = flat(code.text(each))
            path = text.rpartition(" ")[2].strip('"`')
            alias = text.rpartition(" ")[0]
            parts = [part for part in path.split("/") if not _VERSION.match(part)]
            bound = alias or (parts[-1] if parts else path)
            bound = "" if bound in (".", "_") else bound
            yield Entry(path, "", bound, f"import {text}", "go", text, soft=bound.isidentifier())


def _rust(code: Parsed, node: Node) -> Iterator[Entry]:
    argument = node.child_by_field_name("argument")
    for path, alias in _leaves(flat(code.text(argument))) if argument is not None else ():
        module, _, name = path.rpartition("::")
        bound = "" if name == "*" else alias or name
        spelled = f"{path} as {alias}" if alias else path
        yield Entry(module, name, "" if bound == "_" else bound, f"use {spelled};")


def _leaves(text: str, before: str = "") -> Iterator[tuple[str, str]]:
    """The paths that a `use` tree names, each with its alias."""
    head, brace, rest = text.partition("{")
    if not brace:
        path, _, alias = (half.strip() for half in text.partition(" as "))
        path = f"{before}{path}"
        yield (path.removesuffix("::self") if path.endswith("::self") else path), alias
        return
    depth, part = 0, ""
    for character in f"{rest.rpartition('}')[0]},":
        depth += (character == "{") - (character == "}")
        if character == "," and not depth:
            if part.strip():
                yield from _leaves(part.strip(), f"{before}{head.strip()}")
            part = ""
        else:
            part += character


def _java(code: Parsed, node: Node) -> Iterator[Entry]:
    text = flat(code.text(node))
    path = text.removeprefix("import ").rstrip("; ")
    module, _, name = path.rpartition(".")
    bound = "" if name == "*" else name
    # Several static methods of one name may be imported: they are overloads.
    yield Entry(module, name, bound, text, soft=bool(bound))


def _csharp(code: Parsed, node: Node) -> Iterator[Entry]:
    text = flat(code.text(node))
    alias, equals, _ = text.removeprefix("using ").partition("=")
    yield Entry(text, "", alias.strip() if equals else "", text)


def _php(code: Parsed, node: Node) -> Iterator[Entry]:
    text = flat(code.text(node)).rstrip("; ").removeprefix("use ").strip()
    kind = next((word for word in ("function ", "const ") if text.startswith(word)), "")
    for path, alias in _leaves(
        text.removeprefix(kind).replace("\\{", "\\ {").replace("\\ {", "\\{")
    ):
        for one in path.split(","):
            module, _, name = one.strip().lstrip("\\").rpartition("\\")
            spelled = f"use {kind}{one.strip()}{f' as {alias}' if alias else ''};"
            entry = Entry(f"{kind}{module}", name, alias or name, spelled)
            yield replace(entry, soft=True)
