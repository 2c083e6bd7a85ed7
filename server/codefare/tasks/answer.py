"""Reading a model's answer: the one code block in it, and how it is fitted into a file."""

from __future__ import annotations

import re
from dataclasses import dataclass

from codefare.tasks.outcome import Refused

_FENCE = re.compile(r"^(?P<indent> {0,3})(?P<fence>`{3,}|~{3,})(?P<label>[^\n`]*)$")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of an answer. `label` is what stands after the fence, `json` say, in lower case."""

    label: str
    text: str
    closed: bool


def code_block(answer: str) -> str | Refused:
    """The text of the one fenced code block of `answer`.

    An answer without any fence is refused, and so is one with several: which of them was meant is a guess.
    """
    found = blocks(answer)
    if not all(block.closed for block in found):
        return _refused("The answer's code block was not closed.", answer)
    if not found:
        return _refused("The answer holds no code block.", answer)
    if len(found) > 1:
        return _refused(f"The answer holds {len(found)} code blocks; one was asked for.", answer)
    if not found[0].text.strip():
        return _refused("The answer's code block is empty.", answer)
    return found[0].text


def _refused(reason: str, answer: str) -> Refused:
    return Refused(
        reason, "Nothing was changed. Run the action again, or pick another model.", answer
    )


def blocks(answer: str) -> list[Block]:
    """The fenced blocks of `answer`; the last one may be open, up to the answer's end."""
    found: list[Block] = []
    opened: re.Match[str] | None = None
    lines: list[str] = []
    for line in answer.replace("\r\n", "\n").split("\n"):
        if opened is None:
            opened, lines = _FENCE.match(line), []
        elif _closes(line, opened["fence"]):
            found.append(_block(opened, lines, closed=True))
            opened = None
        else:
            lines.append(line)
    if opened is not None:
        found.append(_block(opened, lines, closed=False))
    return found


def _block(opened: re.Match[str], lines: list[str], *, closed: bool) -> Block:
    label = opened["label"].strip().lower()
    return Block(label, "".join(f"{line}\n" for line in lines), closed)


def _closes(line: str, opened: str) -> bool:
    bare = line.strip()
    return len(bare) >= len(opened) and set(bare) == {opened[0]}


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
