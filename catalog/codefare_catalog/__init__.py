"""The models, prices, providers and tasks that codefare chooses from; imports nothing of its."""

from codefare_catalog.catalog import Catalog
from codefare_catalog.load import CatalogError, load_catalog
from codefare_catalog.model import (
    Benchmarks,
    Listed,
    Model,
    Offering,
    RateLimits,
    ThinkingTokens,
    Vocabulary,
)
from codefare_catalog.price import (
    FREE,
    Cost,
    LongPrompt,
    Peak,
    Price,
    Rate,
    Usage,
    cost,
    highest_cost,
    in_force,
)
from codefare_catalog.provider import Ending, ErrorWords, Provider, UsageFields
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

__all__ = [
    "FREE",
    "Action",
    "Benchmarks",
    "Candidate",
    "Catalog",
    "CatalogError",
    "ContextClass",
    "Cost",
    "Ending",
    "ErrorWords",
    "Listed",
    "LongPrompt",
    "Model",
    "Offering",
    "OutputShape",
    "Peak",
    "Price",
    "Provider",
    "Rate",
    "RateLimits",
    "Strategy",
    "TaskType",
    "ThinkingTokens",
    "Tier",
    "TierModel",
    "Usage",
    "UsageFields",
    "Variant",
    "Vocabulary",
    "cost",
    "highest_cost",
    "in_force",
    "load_catalog",
]
