"""Python's own parser as the judge of symbols, on files of the standard library."""

from __future__ import annotations

import ast
import sysconfig
import warnings
from pathlib import Path

import pytest

from codefare.source.document import Document
from codefare.source.target import Symbol

_DEFINITIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def library_files() -> list[Path]:
    """Some forty files of different size, always the same for one version of Python."""
    folder = Path(sysconfig.get_path("stdlib"))
    files = sorted(
        path
        for pattern in ("*.py", "asyncio/*.py", "email/*.py", "json/*.py", "unittest/*.py")
        for path in folder.glob(pattern)
        if 1_000 < path.stat().st_size < 60_000
    )
    return files[::5]


def from_ast(text: str) -> set[tuple[str, str, int, int, int | None]]:
    """Qualified name, class or not, first line, last line, and the docstring's first line."""
    found = set()

    def visit(node: ast.AST, names: tuple[str, ...]) -> None:
        for child in ast.iter_child_nodes(node):
            inside = names
            if isinstance(child, _DEFINITIONS):
                inside = (*names, child.name)
                first = min([child.lineno, *(each.lineno for each in child.decorator_list)])
                has_doc = ast.get_docstring(child, clean=False) is not None
                doc = child.body[0].lineno if has_doc else None
                kind = "class" if isinstance(child, ast.ClassDef) else "function"
                found.add((".".join(inside), kind, first, child.end_lineno or 0, doc))
            visit(child, inside)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        visit(ast.parse(text), ())
    return found


def from_symbols(text: str) -> set[tuple[str, str, int, int, int | None]]:
    """The same from the syntax tree."""
    document = Document("x", None, "python", text)

    def line(offset: int) -> int:
        return document.buffer.line_at(offset) + 1

    def last_line(symbol: Symbol) -> int:
        """Comments at the end of a body belong to it, but ast does not know them."""
        lines = text[symbol.span.start : symbol.span.end].split("\n")
        while not lines[-1].strip() or lines[-1].lstrip().startswith("#"):
            lines.pop()
        return line(symbol.span.start) + len(lines) - 1

    return {
        (
            symbol.qualified_name,
            "class" if symbol.kind == "class" else "function",
            line(symbol.span.start),
            last_line(symbol),
            line(symbol.doc.start) if symbol.doc else None,
        )
        for symbol in document.symbols()
    }


@pytest.mark.parametrize("path", library_files(), ids=lambda path: path.name)
def test_positions_are_those_of_pythons_parser(path: Path) -> None:
    """Every class and function has the lines, the container and the docstring that ast sees."""
    text = path.read_text(encoding="utf-8")
    assert from_symbols(text) == from_ast(text)
