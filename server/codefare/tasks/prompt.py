"""What a model is asked."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Prompt:
    """The texts of one request, the stable part first: providers cache prompts by their prefix.

    `system` is the same for every use of an action in a language; `user` holds the code. `template` names the prompt
    file and the hash of its text, so that a changed template never meets an old cached answer. `output_max` is the
    `max_tokens` that the request will carry.
    """

    action: str
    template: str
    system: str
    user: str
    output_low: int
    output_likely: int
    output_high: int
    output_max: int
