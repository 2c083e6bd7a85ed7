"""Task types, actions, tiers, context classes and strategies as catalog files write them."""

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from codefare_catalog.rows import (
    Count,
    FactorText,
    Lines,
    Row,
    Span,
    Tokens,
    Words,
    in_order,
    wrong,
)
from codefare_catalog.task import (
    Action,
    Candidate,
    ContextClass,
    OutputShape,
    Strategy,
    TaskType,
    Tier,
    TierModel,
    Variant,
)

_HUNDRED_PER_CENT = 100
# Some editors run `source.*` when a file is saved.
_KINDS = ("refactor", "quickfix", "codefare")
_WHOLES = frozenset({"folder", "diff"})
_PRIOR = "prior for its kind of result: the action's row gives no figures"
# How long answers are where an action's row does not say: a rewritten target, a comment, new members, tests, findings,
# a report.
_SHAPES = {
    "edit": OutputShape((20, 60, 250), ("0.70", "1.05", "1.50"), 400, "2", _PRIOR),
    "comment": OutputShape((40, 120, 400), ("0.02", "0.15", "0.30"), 1500, "0.30", _PRIOR),
    "insertion": OutputShape((60, 200, 700), ("0.05", "0.30", "0.80"), 1500, "1", _PRIOR),
    "tests": OutputShape((120, 250, 800), ("0.80", "1.60", "3.00"), 1500, "4", _PRIOR),
    "findings": OutputShape((60, 250, 900), ("0.02", "0.10", "0.30"), 2500, "0.35", _PRIOR),
    "report": OutputShape((200, 450, 900), ("0.05", "0.20", "0.35"), 2000, "0.35", _PRIOR),
}
Scope = Literal["symbol", "selection", "file", "folder", "diff"]


class MemberRow(Row):
    """A model in a task type's ranking or in a tier."""

    model: Words
    role: Words


class TaskTypeRow(Row):
    """A table `task_types.<id>`."""

    name: Words
    candidates: Annotated[list[MemberRow], Field(min_length=1)]
    rationale: Words

    def build(self, id_: str) -> TaskType:
        """The catalog's own type."""
        members = tuple(Candidate(row.model, row.role) for row in self.candidates)
        return TaskType(id_, self.name, members, self.rationale)


class OutputShapeRow(Row):
    """The table `output` of an action."""

    base: Annotated[tuple[Count, Count, Count], Field(strict=False)]
    per_input: Annotated[tuple[FactorText, FactorText, FactorText], Field(strict=False)]
    max_base: Tokens
    max_per_input: FactorText
    basis: Words

    @model_validator(mode="after")
    def _limit_holds_the_answer(self) -> Self:
        slopes = map(Decimal, (*self.per_input, self.max_per_input))
        if not in_order(*self.base, self.max_base) or not in_order(*slopes):
            raise wrong("base and per_input need low <= likely <= high <= the max of the request")
        return self

    def build(self) -> OutputShape:
        """The catalog's own type."""
        return OutputShape(self.base, self.per_input, self.max_base, self.max_per_input, self.basis)


class VariantRow(Row):
    """A table `actions.<id>.variants.<id>`."""

    phrase: Words
    instruction: Words

    def build(self, id_: str) -> Variant:
        """The catalog's own type."""
        return Variant(id_, self.phrase, self.instruction)


class ActionRow(Row):
    """A table `actions.<id>`. Beside a title, a user's own action needs a task type and a prompt."""

    title: Words
    phrase: Words | None = None
    kind: Words = "refactor.rewrite.codefare"
    task_type: Words
    file_task_type: Words | None = None
    result: Literal["edit", "comment", "insertion", "tests", "findings", "report"] = "edit"
    output: OutputShapeRow | None = None
    prompt: Words | None = None
    scopes: Annotated[tuple[Scope, ...], Field(strict=False)] = (
        "symbol",
        "selection",
    )
    languages: Lines = ()
    variants: Annotated[dict[str, VariantRow], Field(default_factory=dict)]

    @model_validator(mode="after")
    def _kind_is_never_run_on_save(self) -> Self:
        if self.kind.split(".")[0] not in _KINDS:
            raise wrong(f"kind must begin with one of {', '.join(_KINDS)}")
        return self

    @model_validator(mode="after")
    def _scopes_fit(self) -> Self:
        if not self.scopes:
            raise wrong("scopes names none")
        if not _WHOLES.isdisjoint(self.scopes) and self.result not in {"report", "findings"}:
            raise wrong("scopes folder and diff go with the results report and findings only")
        return self

    def build(self, id_: str) -> Action:
        """The catalog's own type."""
        shape = self.output.build() if self.output else _SHAPES[self.result]
        return Action(
            id=id_,
            title=self.title,
            phrase=self.phrase or f"{self.title} {{label}}",
            kind=self.kind,
            task_type=self.task_type,
            file_task_type=self.file_task_type or self.task_type,
            result=self.result,
            output=shape,
            prompt=self.prompt or "",
            scopes=self.scopes,
            languages=self.languages,
            variants=tuple(row.build(name) for name, row in self.variants.items()),
        )


class TierRow(Row):
    """A table `tiers.<id>`."""

    name: Words
    rank: Count
    models: list[MemberRow]
    usage: Span | None = None

    @model_validator(mode="after")
    def _usage_is_a_share(self) -> Self:
        if self.usage is not None and not in_order(*self.usage, _HUNDRED_PER_CENT):
            raise wrong("usage must be two shares in per cent, the lower first, such as [5, 10]")
        return self

    def build(self, id_: str) -> Tier:
        """The catalog's own type."""
        members = tuple(TierModel(row.model, row.role) for row in self.models)
        return Tier(id_, self.name, self.rank, members, self.usage)


class ContextClassRow(Row):
    """A table `context_classes.<id>`."""

    name: Words
    min_tokens: Count
    max_tokens: Tokens | None = None
    models: Lines
    models_text: Words
    use_cases: Lines

    @model_validator(mode="after")
    def _limits_fit(self) -> Self:
        if self.max_tokens is not None and self.min_tokens >= self.max_tokens:
            raise wrong("min_tokens must be lower than max_tokens")
        return self

    def build(self, id_: str) -> ContextClass:
        """The catalog's own type."""
        return ContextClass(
            id=id_,
            name=self.name,
            min_tokens=self.min_tokens,
            max_tokens=self.max_tokens,
            models=self.models,
            models_text=self.models_text,
            use_cases=self.use_cases,
        )


class StrategyRow(Row):
    """A table `strategies.<id>`."""

    name: Words
    points: Lines
    in_codefare: Words

    def build(self, id_: str) -> Strategy:
        """The catalog's own type."""
        return Strategy(id_, self.name, self.points, self.in_codefare)
