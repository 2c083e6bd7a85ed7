"""The models, prices, providers and tasks that codefare chooses from. Imports nothing of codefare's."""

from codefare_catalog.catalog import Catalog
from codefare_catalog.load import CatalogError, load_catalog
from codefare_catalog.model import Benchmarks, Listed, Model, Offering, RateLimits, Vocabulary
from codefare_catalog.price import FREE, Cost, Price, Rate, Usage, cost, highest_cost
from codefare_catalog.provider import Provider
from codefare_catalog.task import Action, ContextClass, OutputShape, Strategy, TaskType, Tier

__all__ = [
    "FREE",
    "Action",
    "Benchmarks",
    "Catalog",
    "CatalogError",
    "ContextClass",
    "Cost",
    "Listed",
    "Model",
    "Offering",
    "OutputShape",
    "Price",
    "Provider",
    "Rate",
    "RateLimits",
    "Strategy",
    "TaskType",
    "Tier",
    "Usage",
    "Vocabulary",
    "cost",
    "highest_cost",
    "load_catalog",
]
