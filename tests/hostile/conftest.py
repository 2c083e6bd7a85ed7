"""How attacks of a workspace are counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

COUNTED = "attacks of a hostile workspace, none of which came to anything"


@pytest.fixture
def count(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Counts an attack of a kind for the summary."""
    return lambda kind: record_property("counted", [COUNTED, [kind]])
