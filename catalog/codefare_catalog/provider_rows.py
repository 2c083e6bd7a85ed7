"""Providers as catalog files write them."""

from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from codefare_catalog.provider import Provider
from codefare_catalog.rows import Lines, Row, Words, plain, wrong

_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})


class ProviderRow(Row):
    """A table `providers.<id>`."""

    name: Words
    base_url: Words
    dialect: Literal["anthropic", "openai", "ollama"]
    key_env: Words | None = None
    self_hosted: bool = False
    headers: dict[str, str] = Field(default_factory=dict)
    extra_body: dict[str, Any] = Field(default_factory=dict)
    usage_path: Words | None = None
    complete_reasons: Lines = ()
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
            raise wrong(f"base_url must be an http or https address; it is {self.base_url!r}")
        if scheme == "http" and not self.self_hosted and host not in _THIS_MACHINE:
            raise wrong("base_url must be https, unless the provider is self_hosted")
        return self

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
            usage_path=self.usage_path,
            complete_reasons=self.complete_reasons,
            rate_limits=self.rate_limits,
            notes=self.notes,
        )
