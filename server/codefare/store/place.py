"""Where requests go, as cooldowns and rate limits see it, and what is known of the places at one moment."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from codefare.store.cooldown import Cooldown

ALL = ""
"""The wire id that stands for all of a provider's."""

_AHEAD = 60.0  # seconds: what failed later than this was written before the clock was set back


@dataclass(frozen=True, slots=True)
class Place:
    """An offering, as a request reaches it.

    `access` is a hash of the address and the key, so that another key is another place; None where
    the key is not known yet. It is written nowhere but hashed again with a random key.
    """

    provider: str
    wire_id: str
    name: str
    self_hosted: bool
    access: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Picture:
    """What was in the file at a look: by provider, wire id (`ALL`: all of them) and hashed access.

    `key` is the random one that accesses are hashed with.
    """

    key: bytes
    rows: Mapping[tuple[str, str, bytes], Cooldown]

    def of(self, place: Place, now: float) -> list[Cooldown]:
        """What holds for a place: of its provider, and of itself."""
        access = self.hashed(place)
        return [
            cooldown
            for (provider, wire, whose), cooldown in self.rows.items()
            if provider == place.provider
            and wire in {ALL, place.wire_id}
            and cooldown.since < now + _AHEAD
            and (cooldown.holds_on_suspicion(now) if access is None else whose == access)
        ]

    def hashed(self, place: Place) -> bytes | None:
        """The access as it is written; None where it is not known."""
        return None if place.access is None else written(self.key, place.access)


def key_in(connection: sqlite3.Connection) -> bytes:
    """The random key of a file."""
    (key,) = connection.execute("SELECT key FROM secret").fetchone()
    return bytes(key)


def written(key: bytes, access: bytes) -> bytes:
    """An access as files hold it: without the random key nobody can try out what it stands for."""
    return hmac.digest(key, access, "sha256")[:16]
