"""Providers as catalog files write them."""

from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from codefare_catalog.provider import Ending, ErrorWords, Provider, UsageFields
from codefare_catalog.rows import Lines, Row, Words, plain, wrong
from codefare_catalog.variable import is_variable

Paths = Annotated[tuple[Words, ...], Field(strict=False, min_length=1)]

_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})

# Words of the dialects for an answer that is not whole: no row may say otherwise.
_NEVER_WHOLE = frozenset({"length", "max_tokens", "content_filter", "refusal"})
# Without these there is no request, nothing bounds what its answer costs, or a prompt is cut unseen.
_ASKED = frozenset({"model", "messages", "system", "stream"})
_BOUNDS = frozenset({"max_tokens", "max_completion_tokens", "options", "truncate", "shift"})
_NEEDED = _ASKED | _BOUNDS
_USAGE = UsageFields()


class UsageRow(Row):
    """A table `providers.<id>.usage`."""

    report: Paths = _USAGE.report
    cached: Paths = _USAGE.cached
    uncached: Words | None = None
    cost_usd: Words | None = None
    no_cost: Words | None = None

    def build(self) -> UsageFields:
        """The catalog's own type."""
        return UsageFields(self.report, self.cached, self.uncached, self.cost_usd, self.no_cost)


class ErrorRow(Row):
    """A table `providers.<id>.errors`."""

    no_credit: Lines = ()
    too_long: Lines = ()
    no_model: Lines = ()

    def build(self) -> ErrorWords:
        """The catalog's own type, in lower case."""
        return ErrorWords(
            *(
                tuple(entry.casefold() for entry in entries)
                for entries in (self.no_credit, self.too_long, self.no_model)
            )
        )


class ProviderRow(Row):
    """A table `providers.<id>`."""

    name: Words
    base_url: Words
    dialect: Literal["anthropic", "openai", "ollama"]
    key_env: Words | None = None
    self_hosted: bool = False
    headers: dict[str, str] = Field(default_factory=dict)
    extra_body: dict[str, Any] = Field(default_factory=dict)
    omit: Lines = ()
    finish_reasons: dict[Words, Ending] = Field(default_factory=dict)
    ends_without_marker: bool | None = None
    usage: UsageRow = Field(default_factory=UsageRow)
    errors: ErrorRow = Field(default_factory=ErrorRow)
    key_check: Words | None = None
    rate_limits: Words | None = None
    notes: Lines = ()

    @model_validator(mode="after")
    def _address_is_safe(self) -> Self:
        """Code and keys go over plain HTTP to the user's own machines alone."""
        try:
            address = urlsplit(self.base_url)
            scheme, host, _ = address.scheme, address.hostname, address.port
        except ValueError:
            scheme, host = "", None
        if scheme not in {"http", "https"} or not host:
            # What it is may hold a password: it is shown if nothing in it can be one.
            shown = "" if "@" in self.base_url else f"; it is {self.base_url!r}"
            raise wrong(f"base_url must be an http or https address{shown}")
        if "@" in address.netloc or address.query or address.fragment:
            raise wrong("base_url must hold no user name, password, ? or #: addresses are shown")
        if scheme == "http" and not self.self_hosted and host not in _THIS_MACHINE:
            raise wrong("base_url must be https, unless the provider is self_hosted")
        return self

    @model_validator(mode="after")
    def _names_a_variable(self) -> Self:
        """Of the whole row, since what is wrong with a field is told with its value."""
        if self.key_env is not None and not is_variable(self.key_env):
            raise wrong("key_env must be the name of an environment variable, not the key itself")
        return self

    @field_validator("finish_reasons")
    @classmethod
    def _cut_answers_stay_cut(cls, reasons: dict[str, Ending]) -> dict[str, Ending]:
        for reason, ending in reasons.items():
            if ending == "complete" and reason in _NEVER_WHOLE:
                raise wrong(f"cannot have {reason} = 'complete': such an answer is not whole")
        return reasons

    @field_validator("omit")
    @classmethod
    def _keeps_what_is_needed(cls, fields: tuple[str, ...]) -> tuple[str, ...]:
        if needed := _NEEDED.intersection(fields):
            raise wrong(f"cannot name {', '.join(sorted(needed))}: no request can be without it")
        return fields

    @property
    def _ends_without_marker(self) -> bool:
        """Some servers that people run themselves never send the marker; a hosted one has to say that it does not."""
        return self.self_hosted if self.ends_without_marker is None else self.ends_without_marker

    def build(self, id_: str) -> Provider:
        """The catalog's own type."""
        return Provider(
            id=id_,
            name=self.name,
            base_url=self.base_url.rstrip("/"),
            dialect=self.dialect,
            key_env=self.key_env,
            self_hosted=self.self_hosted,
            headers=self.headers,
            extra_body=plain(self.extra_body),
            omit=self.omit,
            finish_reasons=self.finish_reasons,
            ends_without_marker=self._ends_without_marker,
            usage=self.usage.build(),
            errors=self.errors.build(),
            key_check=self.key_check,
            rate_limits=self.rate_limits,
            notes=self.notes,
        )
