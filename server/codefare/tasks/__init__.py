"""The actions: each builds its prompt and reads its answer."""

from types import MappingProxyType

from codefare.tasks.explain import Explain
from codefare.tasks.refactor import Refactor
from codefare.tasks.task import Task
from codefare.tasks.write_doc import WriteDoc
from codefare.tasks.write_tests import WriteTests

TASKS: MappingProxyType[str, Task] = MappingProxyType(
    {task.id: task for task in (Explain(), Refactor(), WriteTests(), WriteDoc())}
)

__all__ = ["TASKS", "Task"]
