"""The flow of a definition as a nested list in Markdown, with line numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codefare.providers.offline.reasons import code
from codefare.providers.offline.words import joined
from codefare.source.roles import Role

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from codefare.source.flow import Step

_MOST = 80
_MOST_CALLS = 40
_HIDDEN = frozenset({Role.PROPAGATE})
_MINOR = frozenset({Role.CALL, Role.ASSIGN, Role.DEFINITION})
_ELSE = {
    "": "otherwise",
    "no break": "if the loop was not left early",
    "no error": "if nothing was raised",
}
_WITH_TEXT = {
    Role.IF: "if {}",
    Role.UNLESS: "unless {}",
    Role.ELIF: "else, if {}",
    Role.TERNARY: "chooses by {}",
    Role.SWITCH: "depending on {}",
    Role.CASE: "case {}",
    Role.LOOP: "loop {}",
    Role.CATCH: "on {}",
    Role.WITH: "within {}",
    Role.RETURN: "returns {}",
    Role.RAISE: "raises {}",
    Role.YIELD: "yields {}",
    Role.EXIT: "ends the process with {}",
    Role.ASSERT: "demands {}",
    Role.BREAK: "leaves the loop with {}",
    Role.CONTINUE: "goes on with {}",
    Role.CALL: "calls {}",
    Role.ASSIGN: "sets {}",
    Role.DEFINITION: "defines {}",
    Role.CALLBACK: "in the callback of {}",
    Role.BLOCK: "block of {}",
}
_WITHOUT_TEXT = {
    Role.SWITCH: "depending on which holds",
    Role.DEFAULT: "in all other cases",
    Role.LOOP: "loop without end",
    Role.TRY: "tries",
    Role.CATCH: "on any error",
    Role.FINALLY: "in any case, at the end",
    Role.RETURN: "returns",
    Role.RAISE: "raises the caught error again",
    Role.YIELD: "yields",
    Role.EXIT: "ends the process",
    Role.BREAK: "leaves the loop",
    Role.CONTINUE: "goes on with the next",
    Role.CALLBACK: "in a callback",
    Role.BLOCK: "in a block",
}
_THROWING = frozenset({"javascript", "typescript", "tsx", "java", "cpp", "csharp", "php"})
_PANICS = frozenset({"go", "rust"})
_ENDLESS = frozenset({"for", "loop", "while True", "while true", "while (true)", "for (;;)"})


def raises_word(language: str) -> str:
    """`raises`, `throws` or `panics`, as the language calls it."""
    if language in _THROWING:
        return "throws"
    return "panics" if language in _PANICS else "raises"


def flow_list(steps: Sequence[Step], language: str, *, definitions: bool = True) -> list[str]:
    """Lines of Markdown: each step on its own line, nested under the one it depends on.

    Without `definitions`, what a definition is called is left to another list. A very long flow
    leaves plain calls and assignments out, then ends with how much is left.
    """
    shown = [index for index, step in enumerate(steps) if _shows(step, steps)]
    if not definitions:
        shown = [index for index in shown if steps[index].kind is not Role.DEFINITION]
    if len(shown) > _MOST:
        shown = [index for index in shown if steps[index].kind not in _MINOR]
    kept = set(shown[:_MOST])
    depths: dict[int, int] = {}
    lines: list[str] = []
    for index, step in enumerate(steps):
        parent = step.parent
        while parent >= 0 and parent not in kept:
            parent = steps[parent].parent
        depths[index] = depths[parent] + 1 if parent >= 0 else 0
        if index in kept:
            lines.append(f"{'  ' * depths[index]}- {step.line}: {told(step, language)}")
    rest = len(shown) - len(kept)
    if rest > 0:
        lines.append(f"- … and {rest} more steps")
    return lines


def calls_text(calls: Sequence[str], here: Collection[str] = ()) -> str:
    """The callees in one line; those that are defined in this file are named again."""
    shown = ", ".join(code(call) for call in calls[:_MOST_CALLS])
    more = f" and {len(calls) - _MOST_CALLS} more" if calls[_MOST_CALLS:] else ""
    own = [code(call) for call in calls if call in here]
    return f"{shown}{more}{f'; in this file: {joined(own)}' if own else ''}"


def told(step: Step, language: str) -> str:
    """One step in words."""
    if step.kind is Role.ELSE:
        return _ELSE.get(step.text, "otherwise")
    if step.kind is Role.RAISE:
        return _raised(step, language)
    if step.kind is Role.LOOP and step.text in _ENDLESS:
        return _WITHOUT_TEXT[Role.LOOP]
    if step.text and step.kind in _WITH_TEXT:
        return _WITH_TEXT[step.kind].format(code(step.text))
    return _WITHOUT_TEXT.get(step.kind, step.kind.value)


def _raised(step: Step, language: str) -> str:
    word = raises_word(language)
    if not step.text:
        return f"{word} the caught error again" if word != "panics" else "panics"
    if word == "panics":
        return f"panics with {code(step.text)}"
    return f"{word} {code(step.text.removeprefix('new '))}"


def _shows(step: Step, steps: Sequence[Step]) -> bool:
    if step.kind in _HIDDEN:
        return False
    parent = steps[step.parent] if step.parent >= 0 else None
    if parent is None:
        return True
    if step.kind is Role.BREAK and parent.kind in (Role.CASE, Role.DEFAULT):
        return False  # the end of a C case is no news
    if step.kind is Role.CALLBACK and parent.kind is Role.CALL and parent.text == step.text:
        return False
    return not (step.kind is Role.TERNARY and parent.kind in (Role.RETURN, Role.CALL, Role.YIELD))
