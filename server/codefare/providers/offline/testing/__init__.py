"""Write tests: a test file with a case for each definition and each branch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codefare.providers.offline.testing.dynamics import php_file, ruby_file
from codefare.providers.offline.testing.gotests import go_file
from codefare.providers.offline.testing.native import c_file, cpp_file
from codefare.providers.offline.testing.pytests import pytest_file
from codefare.providers.offline.testing.rusttests import rust_file
from codefare.providers.offline.testing.scripts import script_file
from codefare.providers.offline.testing.subjects import plan_of, subjects_of
from codefare.providers.offline.testing.xunits import csharp_file, java_file

if TYPE_CHECKING:
    from codefare.source.facts import FileOutline, Outline
    from codefare.source.target import Target

_WRITERS = {
    "javascript": script_file,
    "typescript": script_file,
    "tsx": script_file,
    "rust": rust_file,
    "java": java_file,
    "c": c_file,
    "cpp": cpp_file,
    "csharp": csharp_file,
    "ruby": ruby_file,
    "php": php_file,
}


def test_file(outline: Outline | None, file: FileOutline, target: Target) -> str:
    """The text of a test file for a definition, or for a whole file.

    What the tree tells is asserted: an error under a condition, a literal result. Every other
    case is there with its arguments, skipped with the reason, so that no test passes unchecked.

    Raises:
        TargetError: There is nothing that could be called.
    """
    subjects = subjects_of(outline, file)
    plan = plan_of(target)
    if file.language == "python":
        # Cases for a file that is there come without what makes a new one run: it has that.
        module = plan.module.strip("`") if plan.place is not None else ""
        return pytest_file(subjects, file, target.path, module)
    if file.language == "go":
        return go_file(subjects, file)
    return _WRITERS[file.language](subjects, file, target.path, plan.path)
