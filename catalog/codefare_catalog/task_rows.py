"""Task types, actions, tiers, context classes and strategies as catalog files write them."""

from decimal import Decimal
from typing import Annotated, Self

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
)

_HUNDRED_PER_CENT = 100


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


class ActionRow(Row):
    """A table `actions.<id>`."""

    title: Words
    kind: Words
    task_type: Words
    file_task_type: Words
    output: OutputShapeRow

    def build(self, id_: str) -> Action:
        """The catalog's own type."""
        shape = self.output.build()
        return Action(id_, self.title, self.kind, self.task_type, self.file_task_type, shape)


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
