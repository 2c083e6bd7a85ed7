"""What a model is asked."""

from __future__ import annotations

from dataclasses import dataclass

_GAP = "\n\n"


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a prompt, named for whoever looks at it before it is sent."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """The texts of one request, the stable part first: providers cache prompts by their prefix.

    `system` is the same for every use of an action in a language; `parts` are what the file and the target add, what
    changes least first. `template` names the prompt file and the hash of its text, so that a changed template never
    meets an old cached answer. `output_max` is the `max_tokens` that the request will carry.
    """

    action: str
    template: str
    system: str
    parts: tuple[Part, ...]
    output_low: int
    output_likely: int
    output_high: int
    output_max: int

    @property
    def user(self) -> str:
        """The parts as they are sent."""
        return _GAP.join(part.text for part in self.parts)

    @property
    def borders(self) -> tuple[int, ...]:
        """Where each part ends in `user`, in characters."""
        ends, end = [], -len(_GAP)
        for part in self.parts:
            end += len(_GAP) + len(part.text)
            ends.append(end)
        return tuple(ends)
