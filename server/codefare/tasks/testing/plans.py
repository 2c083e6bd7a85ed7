"""The plans for tests that were made last: a menu and the action that is picked from it need the same one."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from codefare.source.target import Target
    from codefare.tasks.testing.plan import Plan

_FRESH = 5.0  # seconds that a plan holds
_MOST = 32


class Plans:
    """Remembers some plans for some seconds. From any thread; `now` tells the seconds."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._made: dict[tuple[object, ...], tuple[float, Plan]] = {}
        self._putting = threading.Lock()

    def __contains__(self, target: Target) -> bool:
        return self._fresh(target) is not None

    def get(self, target: Target, make: Callable[[], Plan], *, anew: bool = False) -> Plan:
        """The plan for a target's tests: the one that is remembered, or what `make` makes."""
        begun = self._now()
        known = None if anew else self._fresh(target)
        if known is not None:
            return known
        made = make()
        with self._putting:
            self._made[_key(target)] = begun, made
            while len(self._made) > _MOST:
                del self._made[next(iter(self._made))]
        return made

    def _fresh(self, target: Target) -> Plan | None:
        found = self._made.get(_key(target))
        return found[1] if found is not None and self._now() - found[0] < _FRESH else None


def _key(target: Target) -> tuple[object, ...]:
    symbol = target.symbol.qualified_name if target.symbol else ""
    return target.path, target.language, symbol
