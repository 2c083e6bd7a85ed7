"""Task types with their candidates, actions, tiers, context classes and strategies."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model in a task type's ranking, with the document's word for it ("best reasoning")."""

    model: str
    role: str


@dataclass(frozen=True, slots=True)
class TaskType:
    """One of the ten kinds of work; `candidates` are in the catalog's order, best first."""

    id: str
    name: str
    candidates: tuple[Candidate, ...]
    rationale: str


@dataclass(frozen=True, slots=True)
class OutputShape:
    """How long an action's answer is in tokens: `base + per_input x (tokens of the target)`.

    Three such lines, for low, likely and high: low and high enclose nine answers of ten. `max_base` and `max_per_input`
    make one for what the request allows. `basis` says where the figures come from.
    """

    base: tuple[int, int, int]
    per_input: tuple[str, str, str]
    max_base: int
    max_per_input: str
    basis: str


@dataclass(frozen=True, slots=True)
class Variant:
    """One of the things that an action can be asked for: its line in a menu, and what the model is told."""

    id: str
    phrase: str
    instruction: str


@dataclass(frozen=True, slots=True)
class Action:
    """What a user picks, what comes of it, and how long its answer is.

    `phrase` is its line in a menu, with `{label}` for what it works on. `task_type` serves one symbol or a selection,
    `file_task_type` a whole file or more. `result` is what the answer turns into: `edit`, `comment`, `insertion`,
    `tests`, `findings` or `report`. `prompt` names the prompt file of a user's own action, "" for codefare's. It works
    on `scopes` (symbol, selection, file, folder, diff), in `languages` (all, if there are none).
    """

    id: str
    title: str
    phrase: str
    kind: str
    task_type: str
    file_task_type: str
    result: str
    output: OutputShape
    prompt: str = ""
    scopes: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    variants: tuple[Variant, ...] = ()


@dataclass(frozen=True, slots=True)
class TierModel:
    """A model's place in a tier, with the document's word for it."""

    model: str
    role: str


@dataclass(frozen=True, slots=True)
class Tier:
    """A tier of the recommended pool; rank 1 is the top.

    `usage` is the share of tasks in per cent that it should see, None for "as needed".
    """

    id: str
    name: str
    rank: int
    models: tuple[TierModel, ...]
    usage: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class ContextClass:
    """Prompts of `min_tokens` to `max_tokens` (None: no end) and the models for them, in order."""

    id: str
    name: str
    min_tokens: int
    max_tokens: int | None
    models: tuple[str, ...]
    models_text: str
    use_cases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Strategy:
    """A way to save money from the document, its words, and what codefare does about it."""

    id: str
    name: str
    points: tuple[str, ...]
    in_codefare: str
