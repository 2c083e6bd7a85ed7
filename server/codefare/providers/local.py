"""The models that the servers on this machine have."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from codefare.providers.names import plain_name
from codefare_catalog import Catalog, Offering, Price, Rate

if TYPE_CHECKING:
    from codefare.providers.probe import LocalProbe, LocalServer

LOCAL = "local"
"""The provider that is found by looking for it."""

_UNREPORTED_WINDOW = 8_192
_LARGEST_ANSWER = 8_192
_FREE = Rate(Decimal(0), Decimal(0))


class LocalModels:
    """What the last look of `probe` found."""

    def __init__(self, probe: LocalProbe) -> None:
        self._probe = probe

    def find(self, offering: Offering) -> tuple[LocalServer, str] | None:
        """The local server that has the offering's model, and its name there."""
        servers = self._probe.current()
        exact = {name.casefold() for name in (offering.wire_id, *offering.aliases)}
        for server in servers:
            for name in server.models:
                if name.casefold() in exact:
                    return server, name
        plain = _names(offering)
        for server in servers:
            for name in server.models:
                if plain_name(name) in plain:
                    return server, name
        return None

    def why_not(self, offering: Offering) -> str:
        """Why nothing on this machine serves it, in a user's words."""
        servers = self._probe.current()
        if servers:
            names = " and ".join(f"{s.name} at {s.base_url}" for s in servers)
            return f"no local server has {offering.wire_id} (found {names})"
        places = ", ".join(self._probe.places)
        if not self._probe.has_looked:
            return f"still looking for a local server at {places}"
        if self._probe.refusal is not None:
            return f"the server at {places} does not list its models (status {self._probe.refusal})"
        return f"no local server answered at {places}"

    def served(self, offering: Offering) -> Offering:
        """The offering as a local server has it: its own name for the model, its real window."""
        found = self.find(offering)
        if found is None:
            return offering
        server, name = found
        window = offering.context_window
        window = min(window, server.context_windows.get(name, window))
        return replace(
            offering,
            wire_id=name,
            context_window=window,
            max_output=min(offering.max_output, window),
        )

    def unknown_to(self, catalog: Catalog) -> tuple[Offering, ...]:
        """An offering for each model that a local server has and the catalog does not know; they are free."""
        known = {
            name
            for model in catalog.models.values()
            for offering in model.offerings
            if offering.provider == LOCAL
            for name in _names(offering)
        }
        today = datetime.now(UTC).date()
        free = Price(_FREE, _FREE, "self-hosted", today)
        offerings: dict[str, Offering] = {}
        for server in self._probe.current():
            for name in server.models:
                if name.casefold() in known or plain_name(name) in known or name in offerings:
                    continue
                window = server.context_windows.get(name, _UNREPORTED_WINDOW)
                offerings[name] = Offering(
                    model=f"{LOCAL}/{name}",
                    provider=LOCAL,
                    wire_id=name,
                    context_window=window,
                    max_output=min(window // 2, _LARGEST_ANSWER),
                    prices=(free,),
                )
        return tuple(offerings.values())


def _names(offering: Offering) -> frozenset[str]:
    names = (offering.wire_id, *offering.aliases)
    return frozenset(plain_name(name) for name in names) | {name.casefold() for name in names}
