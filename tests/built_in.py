"""The actions of the packaged catalog, as an engine has them."""

from __future__ import annotations

from pathlib import Path

from codefare.settings import Settings
from codefare.tasks import tasks_of
from codefare.tasks.surroundings import Surroundings
from codefare_catalog import load_catalog

TASKS = tasks_of(load_catalog(), Path(), Surroundings(Settings()))
