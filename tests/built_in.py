"""The actions of the packaged catalog, as an engine has them."""

from __future__ import annotations

from pathlib import Path

from codefare.settings import Settings
from codefare.surroundings import Surroundings
from codefare.tasks import tasks_of
from codefare_catalog import load_catalog

TASKS = tasks_of(load_catalog(), Path(), Surroundings(Settings()))
