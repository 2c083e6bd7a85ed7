"""The whole path of an action: quote it, run it. Knows no editor and no terminal."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from codefare.errors import NoModel, ProviderError, TargetError, WrongUse
from codefare.guard import verify
from codefare.providers.base import Billed, End, Request, Stop, Text, Thinking
from codefare.quoting import OFFLINE, Quote, Server, Terms, Wish, draft_quote
from codefare.source.target import Complexity
from codefare.store.answers import StoredAnswer, answer_key
from codefare.tasks import TASKS
from codefare.tasks.outcome import Outcome, Refused
from codefare_catalog import Usage, cost

if TYPE_CHECKING:
    from codefare.providers.endpoints import Endpoints
    from codefare.settings import Settings
    from codefare.source.document import Document
    from codefare.source.target import Target
    from codefare.store.answers import AnswerStore
    from codefare.store.ledger import Ledger
    from codefare_catalog import Catalog, Model, Offering
