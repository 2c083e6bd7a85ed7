"""Whether two texts differ in comments and docstrings only.

The two syntax trees are compared leaf by leaf, without the comments. What decides:

- Text between two leaves counts (a backslash that joins lines), and so does everything inside
  strings, macros and the nodes of syntax errors, where grammars leave gaps.
- A comment that tools obey is code, and so is where it stands.
- Where a line break can end a statement, it counts whether a leaf begins its line.
- Nor may a comment hide a line break that only the compiler knows.
- In Go the comment above `import "C"` is C. In Rust a doc comment is an attribute: it needs
  something to document.
- Python's own parser has to agree.
"""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from codefare.source.directives import Bearing, bearing, directive_lines
from codefare.source.documentation import above, docstring
from codefare.source.faults import syntax_errors
from codefare.source.languages import LANGUAGES
from codefare.source.syntax import Parsed, parse

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = ["only_comments_changed", "syntax_errors"]

_WHOLE = frozenset(
    {
        *("preproc_def", "preproc_function_def", "preproc_call", "preproc_include"),
        *("char_literal", "character", "character_literal", "jsx_text", "text", "subshell"),
        *("delimited_symbol", "nowdoc", "template_literal", "uninterpreted"),
    }
)
_WHOLE_WORDS = re.compile(r"string|heredoc|regex")
# What ends a line comment for some compiler, but not for its grammar: a lone carriage return, NEL,
# U+2028 and U+2029, and Java's escapes, which mean their character even in comments.
_HIDDEN = re.compile(rb"\r(?!\n)|\xc2\x85|\xe2\x80[\xa8\xa9]|\\u+[0-9a-fA-F]{4}")
_COMMENT_BELOW = re.compile(rb"[ \t]*(?:\r\n|\n|\r)[ \t]*(?://|/\*|#)")
_DOCUMENTED = re.compile(
    r".*_item\Z|.*_declaration\Z|enum_variant|macro_definition|macro_invocation|match_arm"
    r"|associated_type|parameter|field_initializer"
)


def only_comments_changed(language_id: str, old: bytes, new: bytes) -> str | None:
    """None if `new` differs from `old` (both UTF-8) in comments and docstrings only; else why not.

    The reason holds no code. A text with syntax errors can be judged: within an error nothing may
    change. Takes up to 1 s for 10,000 lines: nothing for an event loop.

    Raises:
        KeyError: `language_id` is not in `LANGUAGES`.
    """
    if old == new:
        return None
    before = Parsed(language_id, old, parse(language_id, old))
    after = Parsed(language_id, new, parse(language_id, new))
    if after.root.has_error and not before.root.has_error:
        return "the new text does not parse"
    was, became = _Skeleton.of(before), _Skeleton.of(after)
    if was.parts != became.parts:
        pairs = enumerate(zip(was.parts, became.parts, strict=False))
        shorter = min(len(was.parts), len(became.parts))
        index = next((at for at, (one, other) in pairs if one != other), shorter)
        at = was.places[index] if index < len(was.places) else len(old)
        what = "a comment that tools obey" if _is_directive(was, became, index) else "the code"
        line = old.count(b"\n", 0, at) + 1
        return f"{what} differs near line {line}"
    if language_id == "rust" and (stray := _stray_doc(after)) is not None:
        return f"the doc comment in line {stray + 1} documents nothing"
    return _python_differs(old, new) if language_id == "python" else None


@dataclass(slots=True)
class _Skeleton:
    """What a text says apart from its comments, part by part, and where each part stands."""

    parsed: Parsed
    parts: list[tuple[object, ...]] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    end: int = 0  # of the last leaf or comment
    row: int = -1  # where the last leaf ended
    skipped: set[int] = field(default_factory=set)  # the nodes of docstrings

    @classmethod
    def of(cls, parsed: Parsed) -> _Skeleton:
        """The skeleton of a whole text."""
        skeleton = cls(parsed)
        cursor = parsed.root.walk()
        while (node := cursor.node) is not None:
            if skeleton._enter(node) and cursor.goto_first_child():
                continue
            while not cursor.goto_next_sibling():
                if not cursor.goto_parent():
                    skeleton._add(None, "end", parsed.data[skeleton.end :].strip())
                    return skeleton
                skeleton._add(cursor.node, ")")
        return skeleton

    def _enter(self, node: Node) -> bool:
        """Take a node in; whether its children are still to be taken in."""
        parsed, language = self.parsed, LANGUAGES[self.parsed.language]
        if node.type in language.comments:
            self._gap(node)
            self._comment(node)
            return False
        if node.id in self.skipped:
            self._gap(node)
            return False
        if parsed.language == "python":
            self._find_docstring(node)
        elif node.type == "import_declaration" and b'"C"' in self._bytes(node):
            around = above(parsed, node.start_byte)
            if around.doc:
                self._add(node, "c", parsed.data[slice(*around.doc)])
        whole = node.is_error or node.type in _WHOLE or _WHOLE_WORDS.search(node.type)
        if node.child_count and not whole:
            self._add(node, "(", node.type)
            return True
        self._gap(node)
        self._leaf(node)
        return False

    def _leaf(self, node: Node) -> None:
        text = self._bytes(node)
        if not LANGUAGES[self.parsed.language].newline_ends_statement:
            self._add(node, node.type, text)
        elif node.is_named or text.strip():
            row = node.start_point.row
            self._add(node, node.type, text, self.row < row)
            self.row = node.end_point.row
        else:
            self._add(node, node.type)  # a line break that is a leaf of its own

    def _comment(self, node: Node) -> None:
        parsed = self.parsed
        comment = self._bytes(node)
        if _HIDDEN.search(comment.rstrip(b"\r\n")):
            self._add(node, "hidden", comment)
        for line in directive_lines(parsed.language, comment):
            begins = parsed.begins_line(node.start_byte)
            # A directive for the next line must not lose it to another comment.
            crowded = (
                begins
                and bearing(parsed.language, comment) is Bearing.CODE
                and _COMMENT_BELOW.match(parsed.data, node.end_byte - comment.endswith(b"\n"))
            )
            self._add(node, "directive", line, begins, bool(crowded))

    def _find_docstring(self, node: Node) -> None:
        body: Node | None = node if node.type == "module" else None
        if node.type in {"function_definition", "class_definition"}:
            body = node.child_by_field_name("body")
        if body is not None and docstring(body, self.parsed.data):
            statements = (child for child in body.named_children if child.type != "comment")
            self.skipped.add(next(statements).id)

    def _gap(self, node: Node) -> None:
        if between := self.parsed.data[self.end : node.start_byte].strip():
            self._add(node, "gap", between)
        self.end = max(self.end, node.end_byte)

    def _add(self, node: Node | None, *part: object) -> None:
        self.parts.append(part)
        self.places.append(node.start_byte if node else 0)

    def _bytes(self, node: Node) -> bytes:
        return self.parsed.data[node.start_byte : node.end_byte]


def _is_directive(was: _Skeleton, became: _Skeleton, index: int) -> bool:
    """Whether the first difference is about a directive."""
    parts = [each.parts[index] for each in (was, became) if index < len(each.parts)]
    return any(part[0] == "directive" for part in parts)


def _stray_doc(parsed: Parsed) -> int | None:
    """The row of the first Rust doc comment that stands where the compiler refuses it."""
    language = LANGUAGES["rust"]
    cursor = parsed.root.walk()
    entering = True
    while (node := cursor.node) is not None:
        if entering and node.type in language.comments:
            outer = any(child.type == "outer_doc_comment_marker" for child in node.children)
            following = node.next_named_sibling
            while following is not None and (
                following.type in language.comments or following.type == "attribute_item"
            ):
                following = following.next_named_sibling
            if outer and (following is None or not _DOCUMENTED.match(following.type)):
                return node.start_point.row
        if entering and cursor.goto_first_child():
            continue
        entering = cursor.goto_next_sibling()
        if not entering and not cursor.goto_parent():
            return None
    return None


def _python_differs(old: bytes, new: bytes) -> str | None:
    """Why Python's own parser tells the texts apart; None if not, or if it cannot read the old."""
    try:
        before = _without_docstrings(old)
    except (SyntaxError, ValueError, RecursionError):
        return None  # another version of Python; the trees have been compared all the same
    try:
        after = _without_docstrings(new)
    except (SyntaxError, ValueError, RecursionError):
        return "Python cannot read the new text"
    return None if before == after else "the code differs"


def _without_docstrings(data: bytes) -> str:
    text = data.decode("utf-8", "replace").removeprefix("\ufeff")
    first = next((line for line in text.splitlines() if line.strip()), "")
    if first[:1] in {" ", "\t"}:  # part of a file
        text = f"if True:\n{text}"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about odd escapes in the user's strings
        tree = ast.parse(text)
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            head = node.body[0] if node.body else None
            value = head.value if isinstance(head, ast.Expr) else None
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                node.body = node.body[1:]
        for statements in ("body", "orelse", "finalbody", "handlers", "cases"):
            waiting.extend(getattr(node, statements, ()))
    return ast.dump(tree)
