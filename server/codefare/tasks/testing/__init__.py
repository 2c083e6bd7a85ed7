"""Tests as the project writes them: where they stand, with what they are written, and new cases put into old files."""

from codefare.tasks.testing.plan import Plan, module_name, nothing_open, plan
from codefare.tasks.testing.plans import Plans
from codefare.tasks.testing.reading import read

__all__ = ["Plan", "Plans", "module_name", "nothing_open", "plan", "read"]
