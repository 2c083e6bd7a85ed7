"""What a file imports and exports."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codefare.source.flow import shorten

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from codefare.source.roles import Shape

_RUBY = re.compile(r"(?:require|require_relative|load|autoload)\b")
_QUOTED = re.compile(r"[\"'<]([^\"'>]+)[\"'>]")
_AS = re.compile(r"\bas\s+(\w+)")
_EXPORTS = re.compile(
    r"(?:module\.)?exports\.(?P<single>\w+)\s*=|module\.exports\s*=\s*\{(?P<many>[^}]*)\}"
    r"|module\.exports\s*=\s*(?P<whole>\w+)\s*;?|export\s*\{(?P<listed>[^}]*)\}"
    r"|export\s+default\s+(?:async\s+)?(?:function\s*\*?\s*|class\s+|abstract\s+class\s+)?(?P<default>\w+)"
    r"|export\s+(?:declare\s+)?(?:async\s+)?(?:abstract\s+)?"
    r"(?:function\s*\*?|class|const|let|var|enum|interface|type|namespace)\s+(?P<direct>\w+)"
)
_DEEPEST = 4


@dataclass(frozen=True, slots=True)
class Import:
    """One import: its text on one line, what it imports, the names it binds, and its line."""

    text: str
    modules: tuple[str, ...]
    names: tuple[str, ...]
    line: int


def read_imports(root: Node, data: bytes, shape: Shape) -> tuple[Import, ...]:
    """The imports near the top of the tree, in order."""
    found: list[Import] = []
    pending = [(kid, 0) for kid in reversed(root.named_children)]
    while pending:
        node, depth = pending.pop()
        if node.type in shape.imports or _is_require(node, data):
            found.append(_import(node, data))
        elif depth < _DEEPEST and node.type not in shape.roles:
            pending.extend((kid, depth + 1) for kid in reversed(node.named_children))
    return tuple(found)


def read_exports(text: str) -> dict[str, str]:
    """The names that a JavaScript or TypeScript file exports: `named`, `default` or `whole`."""
    found: dict[str, str] = {}
    for match in _EXPORTS.finditer(text):
        for group in ("single", "direct"):
            if match[group]:
                found[match[group]] = "named"
        for group in ("many", "listed"):
            for part in (match[group] or "").split(","):
                words = re.split(r"\s+as\s+|\s*:\s*", part.strip())
                if words[0].isidentifier() and words[-1] in (words[0], "default"):
                    found[words[0]] = "default" if words[-1] == "default" else "named"
        for group in ("default", "whole"):
            if match[group]:
                found[match[group]] = group
    return found


def _is_require(node: Node, data: bytes) -> bool:
    if node.type != "call":
        return False
    method = node.child_by_field_name("method")
    return method is not None and bool(
        _RUBY.match(data[method.start_byte : method.end_byte].decode("utf-8", "replace"))
    )


def _import(node: Node, data: bytes) -> Import:
    text = shorten(data[node.start_byte : node.end_byte].decode("utf-8", "replace")).rstrip(";")
    return Import(
        text, tuple(_modules(node, text)), tuple(_names(node, data)), node.start_point.row + 1
    )


def _modules(node: Node, text: str) -> Iterator[str]:
    quoted = _QUOTED.findall(text)
    if quoted:
        yield from quoted[-1:]
    elif node.type == "import_from_statement":
        yield text.split()[1]
    else:
        bare = re.sub(r"^(?:import|use|using|static|extern crate|#include|global|\s)+", "", text)
        for part in bare.split(","):
            yield _AS.sub("", part).strip()


def _names(node: Node, data: bytes) -> Iterator[str]:
    """The names that an import binds in the file, as far as its text tells."""
    text = " ".join(data[node.start_byte : node.end_byte].decode("utf-8", "replace").split())
    text = text.rstrip(";")
    if node.type == "import_from_statement":
        text = text.partition(" import ")[2].strip("()")
        for part in text.split(","):
            words = part.split()
            if words and words[-1].isidentifier():
                yield words[-1]
    elif node.type == "import_spec":  # Go
        path = _QUOTED.findall(text)
        alias = text.split('"')[0].strip()
        if alias or path:
            yield alias or path[0].rsplit("/", 1)[-1]
    elif node.type == "import_statement" and "from" not in text and '"' not in text:
        for part in text.removeprefix("import ").split(","):
            words = part.split()
            if words:
                yield words[-1] if len(words) > 1 else words[0].split(".")[0]
    else:
        yield from (word for word in re.findall(r"\w+", text.partition(" from ")[0])[-1:])
