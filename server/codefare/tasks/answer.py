"""Reading a model's answer: the one code block in it, and how it is fitted into a file."""

from __future__ import annotations

import re

from codefare.tasks.outcome import Refused

_FENCE = re.compile(r"^(?P<indent> {0,3})(?P<fence>`{3,}|~{3,})[^\n`]*$")


def code_block(answer: str) -> str | Refused:
    """The text of the one fenced code block of `answer`.

    An answer without any fence is refused, and so is one with several: which of them was meant is a guess.
    """
    blocks = _blocks(answer)
    if blocks is None:
        return _refused("The answer's code block was not closed.", answer)
    if not blocks:
        return _refused("The answer holds no code block.", answer)
    if len(blocks) > 1:
        return _refused(f"The answer holds {len(blocks)} code blocks; one was asked for.", answer)
    if not blocks[0].strip():
        return _refused("The answer's code block is empty.", answer)
    return blocks[0]


def _refused(reason: str, answer: str) -> Refused:
    return Refused(
        reason, "Nothing was changed. Run the action again, or pick another model.", answer
    )


def _blocks(answer: str) -> list[str] | None:
    """The fenced blocks, or None if the last one is open."""
    blocks: list[str] = []
    opened: str | None = None
    lines: list[str] = []
    for line in answer.replace("\r\n", "\n").split("\n"):
        fence = _FENCE.match(line)
        if opened is None:
            if fence:
                opened, lines = fence["fence"], []
        elif _closes(line, opened):
            blocks.append("".join(f"{kept}\n" for kept in lines))
            opened = None
        else:
            lines.append(line)
    return blocks if opened is None else None


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
