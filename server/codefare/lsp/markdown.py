"""Markdown that was written by a model, made harmless: it fetches nothing and runs nothing wherever it is shown.

An image is fetched when a report is shown, by VS Code's preview and by plugins of Neovim, and its address can carry
the code away; a link may name an editor's command; HTML can do both. The report is read as those that show it read
it, and where one of these is found its mark is escaped. What stands in code stays as it is.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markdown_it.token import Token

_ROUNDS = 4
_SAFE = re.compile(r"(?:https?://|mailto:|#|[^:]*$)", re.IGNORECASE)
_MARKS = re.compile(r"(?<!\\)(?:!(?=\[)|\[|<(?=[A-Za-z/!?]))")
_FENCE = re.compile(r"`{3,}|~{3,}")


def harmless(markdown: str) -> str:
    """`markdown` without images, HTML, and links to anything but the web; as text they are still to be read."""
    for _ in range(_ROUNDS):
        lines = set(_active(markdown))
        if not lines:
            return markdown
        markdown = "".join(
            _MARKS.sub(r"\\\g<0>", line) if number in lines else line
            for number, line in enumerate(markdown.splitlines(keepends=True))
        )
    # Whatever that is, in a block of code it is nothing.
    fence = max(_FENCE.findall(markdown), key=len, default="``") + "~~~"
    fence = "~" * len(fence)
    return f"{fence}\n{markdown}\n{fence}\n"


def _active(markdown: str) -> Iterator[int]:
    """The numbers of the lines in which something would be fetched or run."""
    for block in _parser().parse(markdown):
        inner = (block, *(block.children or ()))
        if block.map is not None and any(map(_is_active, inner)):
            yield from range(*block.map)


def _is_active(token: Token) -> bool:
    if token.type in {"image", "html_inline", "html_block"}:
        return True
    return token.type == "link_open" and not _SAFE.match(str(token.attrGet("href") or ""))


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    parser.validateLink = lambda url: True  # type: ignore[method-assign]  # noqa: ARG005  those that it leaves out are wanted
    return parser
