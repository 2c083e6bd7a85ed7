"""Reading a model's answer: the one code block in it, and how it is fitted into a file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codefare.source.languages import LANGUAGES, language_of
from codefare.tasks.outcome import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

LONGEST = 1_000_000
"""Characters of an answer. No model writes as many: their limits are at 128,000 tokens."""

_FENCE = re.compile(r"^(?P<indent> {0,3})(?P<fence>`{3,}|~{3,})\s*(?P<info>[^\n`]*)$")
_CLOSE = re.compile(r"^ {0,3}(?P<fence>`{3,}|~{3,})\s*$")
# Languages that are written for one another, or in one another's files.
_KIN = (
    frozenset({"javascript", "typescript", "tsx"}),
    frozenset({"c", "cpp"}),
)
_CHANGES = frozenset({"diff", "patch", "udiff"})


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of an answer. `label` is what stands after the fence, `json` say, in lower case."""

    label: str
    text: str
    closed: bool


def code_block(answer: str, language: str | None = None) -> str | Refused:
    """The text of the one fenced code block of `answer`.

    An answer without any fence is refused, and so is one with several: which of them was meant is a guess. With
    `language` (an id of `source.languages`), a block that says that it is in another one is refused.
    """
    if len(answer) > LONGEST:
        return _refused(f"The answer has {len(answer) / 1e6:.1f} million characters.", answer)
    found = blocks(answer)
    if reason := _unclear(found):
        return _refused(reason, answer)
    block = found[0]
    if language is not None and (other := _other_language(block.label, language)):
        return _refused(f"The answer is {other}, not {LANGUAGES[language].name}.", answer)
    return block.text


def _unclear(found: Sequence[Block]) -> str | None:
    """Why it cannot be told which block was meant."""
    if not all(block.closed for block in found):
        return "The answer's code block was not closed."
    if not found:
        return "The answer holds no code block."
    if len(found) > 1:
        return f"The answer holds {len(found)} code blocks; one was asked for."
    return None if found[0].text.strip() else "The answer's code block is empty."


def is_bare(answer: str) -> bool:
    """Whether an answer has no fence at all: it may be code as it is."""
    return len(answer) <= LONGEST and "```" not in answer and "~~~" not in answer


def _other_language(info: str, language: str) -> str | None:
    """What the language of a block is called that is not the one that was asked for."""
    tag = info.partition(" ")[0].strip("{}.").lower()
    if tag in _CHANGES:
        return "a diff"
    found = language_of(None, tag)
    if found is None or found == language or any({found, language} <= kin for kin in _KIN):
        return None
    return LANGUAGES[found].name


def _refused(reason: str, answer: str) -> Refused:
    return Refused(
        reason, "Nothing was changed. Run the action again, or pick another model.", answer
    )


def blocks(answer: str) -> list[Block]:
    """The fenced blocks of `answer`; the last one may be open, up to the answer's end.

    A fence with a language inside a block opens one within it: the text holds an example, and goes on after it.
    """
    found: list[Block] = []
    opened: list[str] = []
    info, lines = "", list[str]()
    for line in answer.replace("\r\n", "\n").split("\n"):
        fence = _FENCE.match(line) if line.lstrip(" ")[:1] in ("`", "~") else None
        if not opened:
            if fence:
                opened, info, lines = [fence["fence"]], fence["info"], []
            continue
        if fence and _closes(line, opened[-1]):
            opened.pop()
            if not opened:
                found.append(_block(info, lines, closed=True))
                continue
        elif fence and fence["info"] and _opens_within(fence["fence"], opened[-1]):
            opened.append(fence["fence"])
        lines.append(line)
    return [*found, _block(info, lines, closed=False)] if opened else found


def _block(info: str, lines: Sequence[str], *, closed: bool) -> Block:
    return Block(info.strip().lower(), "".join(f"{line}\n" for line in lines), closed)


def _closes(line: str, opened: str) -> bool:
    close = _CLOSE.match(line)
    return close is not None and close["fence"].startswith(opened)


def _opens_within(fence: str, opened: str) -> bool:
    """Whether a fence could be taken for the end of the block that it stands in: a shorter one never is."""
    return fence.startswith(opened)


def indented(text: str, indent: str) -> str:
    """`text` with `indent` before each line that is not blank."""
    return "".join(
        indent + line if line.strip() else line for line in text.splitlines(keepends=True)
    )


def dedented(text: str) -> str:
    """`text` moved left by the indentation of its first line that is not blank."""
    lines = text.splitlines(keepends=True)
    first = next((line for line in lines if line.strip()), "")
    margin = first[: len(first) - len(first.lstrip())]
    return "".join(line.removeprefix(margin) for line in lines)
