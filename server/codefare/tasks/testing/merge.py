"""The imports that new cases need, put among those of their file: merged, never repeated."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codefare.source.languages import LANGUAGES
from codefare.tasks.testing.imports import Entry, entries
from codefare.tasks.testing.items import Item, items
from codefare.tasks.testing.kinds import SCRIPTS, Kind
from codefare.tasks.testing.layout import Insertion

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node

    from codefare.source.syntax import Parsed

_LONGEST = 88  # characters of a line that another name may be added to
_JOINTS = frozenset(
    {"import_from_statement", "named_imports", "object_pattern", "import_spec_list"}
)


class Clash(Exception):
    """A name that the new cases import means something else in their file."""


def missing(file: Parsed, holder: Node, wanted: Sequence[Entry], code: str) -> list[Entry]:
    """Those of `wanted` that `code` uses and the file lacks.

    Raises:
        Clash: the file calls something else by one of these names.
    """
    have = list(known(file, holder))
    outer = [] if holder == file.root else list(known(file, file.root))
    taken = {
        name: each
        for each in items(file, holder)
        if each.kind not in (Kind.IMPORT, Kind.CASE)
        for name in each.name.split(",")
    }
    found: list[Entry] = []
    for entry in wanted:
        if entry.soft and entry.bound and not re.search(rf"\b{re.escape(entry.bound)}\b", code):
            continue
        if any(one.covers(entry) for one in have):
            continue
        if any(one.same(entry) and one.bound == entry.bound for one in (*have, *found)):
            continue
        named = [one for one in (*have, *found) if entry.bound and one.bound == entry.bound]
        if named or (entry.bound and entry.bound in taken):
            raise Clash(entry.bound)
        if any(one.same(entry) and one.bound == entry.bound for one in outer) and _glob(have):
            continue
        found.append(entry)
    return found


def _glob(have: Sequence[Entry]) -> bool:
    """Whether a Rust module sees what its file imports."""
    return any(one.module == "super" and one.name == "*" for one in have)


def known(file: Parsed, holder: Node) -> Iterator[Entry]:
    """All that is imported directly in a node."""
    for item in items(file, holder):
        if item.kind is Kind.IMPORT:
            yield from entries(file, item)


def insertions(file: Parsed, holder: Node, new: Sequence[Entry]) -> list[Insertion]:
    """Where the imports go: into a statement of the same module, else below the last import, else at the top."""
    imports = [item for item in items(file, holder) if item.kind is Kind.IMPORT]
    joints = dict(_joints(file, imports))
    made: list[Insertion] = []
    grouped: dict[str, list[Entry]] = {}
    for entry in new:
        grouped.setdefault(entry.group or entry.statement, []).append(entry)
    lines: list[str] = []
    for group, members in grouped.items():
        joint = joints.get(group)
        pieces = [entry.piece for entry in members]
        joined = _joined(file, joint, pieces) if joint is not None and members[0].group else None
        if joined is not None:
            made.append(joined)
        else:
            lines += _statements(members)
    if lines:
        made.append(_new_lines(file, holder, imports, _styled(file, imports, lines)))
    return made


def _joints(file: Parsed, imports: Sequence[Item]) -> Iterator[tuple[str, Node]]:
    for item in imports:
        groups = {entry.group for entry in entries(file, item) if entry.group}
        joint = _joint(item.node)
        if len(groups) == 1 and joint is not None:
            yield groups.pop(), joint


def _joint(node: Node) -> Node | None:
    if node.type in _JOINTS:
        return node
    return next((found for kid in node.named_children if (found := _joint(kid))), None)


def _joined(file: Parsed, joint: Node, pieces: Sequence[str]) -> Insertion | None:
    """The pieces behind the last one of a statement; None if its line would be too long."""
    parts = (
        joint.children_by_field_name("name")
        if joint.type == "import_from_statement"
        else [
            kid for kid in joint.named_children if kid.type not in LANGUAGES[file.language].comments
        ]
    )
    if not parts:
        return None
    last = parts[-1]
    if joint.type == "import_spec_list":
        indent = file.indent_at(last.start_byte)
        return Insertion(last.end_byte, "".join(f"\n{indent}{piece}" for piece in pieces))
    if file.begins_line(last.start_byte):
        indent = file.indent_at(last.start_byte)
        return Insertion(last.end_byte, "".join(f",\n{indent}{piece}" for piece in pieces))
    new = "".join(f", {piece}" for piece in pieces)
    start = file.line_start(last.start_byte)
    line = file.data[start : file.next_line(last.end_byte)].decode("utf-8", "replace").rstrip()
    return Insertion(last.end_byte, new) if len(line) + len(new) <= _LONGEST else None


def _statements(members: Sequence[Entry]) -> list[str]:
    first = members[0]
    if len(members) == 1 or not first.group:
        return [entry.statement for entry in members]
    if first.group == "go":
        return [entry.statement for entry in members]
    # One statement for all of a module: its first piece stands for them all.
    joined = ", ".join(entry.piece for entry in members)
    head, _, tail = (
        first.statement.rpartition(first.piece)
        if first.group.startswith("from ")
        else (first.statement.partition(first.piece))
    )
    return [f"{head}{joined}{tail}"]


def _styled(file: Parsed, imports: Sequence[Item], lines: Sequence[str]) -> list[str]:
    """JavaScript's quotes and semicolons as the file has them."""
    if file.language not in SCRIPTS or not imports:
        return list(lines)
    sample = file.text(imports[-1].node)
    styled = [line.replace('"', "'") for line in lines] if "'" in sample else list(lines)
    return styled if sample.endswith(";") else [line.removesuffix(";") for line in styled]


def _new_lines(
    file: Parsed, holder: Node, imports: Sequence[Item], lines: Sequence[str]
) -> Insertion:
    if imports:
        last = imports[-1].node
        indent = file.indent_at(last.start_byte)
        at = _line_end(file, last.end_byte)
        return Insertion(at, "".join(f"\n{indent}{line}" for line in lines))
    heads = [item for item in items(file, holder) if item.kind is Kind.HEAD]
    if holder != file.root:
        first = next(iter(holder.named_children), None)
        indent = file.indent_at(first.start_byte) if first is not None else "    "
        text = "".join(f"\n{indent}{line}" for line in lines)
        return Insertion(_line_end(file, holder.start_byte + 1), f"{text}\n" if first else text)
    text = "\n".join(lines)
    if heads:
        return Insertion(_line_end(file, heads[-1].node.end_byte), f"\n\n{text}")
    at = _top(file)
    return Insertion(at, f"{text}\n\n" if file.data[at:].strip() else f"{text}\n")


def _line_end(file: Parsed, byte: int) -> int:
    """The end of the line of a byte, before its break; the byte itself if code follows on the line."""
    end = byte
    while end < len(file.data) and file.data[end : end + 1] not in (b"\n", b"\r"):
        end += 1
    rest = file.data[byte:end].strip(b" \t;").decode("utf-8", "replace")
    comment = rest.startswith((LANGUAGES[file.language].line_comment, "#", "/*"))
    return end if not rest or comment else byte


def _top(file: Parsed) -> int:
    """Below the comments that a file begins with, if a blank line ends them."""
    at = 3 if file.data.startswith(b"\xef\xbb\xbf") else 0
    start = at
    while file.data[at:].lstrip(b" \t").startswith((b"#", b"//")):
        at = file.next_line(at)
    blank = not file.data[at:] or file.data[at:].startswith((b"\n", b"\r\n"))
    magic = file.data[start:].startswith((b"#!", b"# frozen", b"# -*-", b"# coding", b"# encoding"))
    if at == start or not (blank or magic):
        return start
    return file.next_line(at) if blank else at
