"""How test files are called: which source a test file's name speaks of, in each language."""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_TEST_FOLDER = re.compile(
    r"(?:tests?|specs?|__tests__)\Z|.+[._-](?:unit|integration)?tests?\Z|[a-z]\w*[a-z]tests\Z|tests?\..+",
    re.IGNORECASE,
)
SCRIPT_SUFFIXES = (".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx")
_CPP = (".cpp", ".cc", ".cxx", ".c++")


@dataclass(frozen=True, slots=True)
class Pattern:
    """What stands before and after the source's stem in the name of its test file, without the suffix."""

    before: str
    after: str

    def stem_of(self, name: str) -> str | None:
        """The stem that `name` (without its suffix) speaks of; None if it is not called so."""
        if not name.startswith(self.before) or not name.endswith(self.after):
            return None
        stem = name[len(self.before) : len(name) - len(self.after)]
        return stem or None

    def name_of(self, stem: str) -> str:
        """The name of the test file for `stem`, without the suffix."""
        return f"{self.before}{stem}{self.after}"


BARE = Pattern("", "")
"""The test file is called as its source: it is one because of its folder."""


@dataclass(frozen=True, slots=True)
class Naming:
    """How one language's tests are called.

    The first of `patterns` is taken where a project has no tests yet. `suffixes` are those of test files. In `folders`
    the tests stand then (the first that exists; else beside the source). A test file may be called as its source is if
    `bare` is true and it stands in a folder for tests.
    """

    patterns: tuple[Pattern, ...]
    suffixes: tuple[str, ...]
    folders: tuple[str, ...] = ()
    bare: bool = False

    def read(self, name: str, suffix: str, folder: str) -> tuple[Pattern, str] | None:
        """The pattern and the stem of a test file's name in the folder called `folder`; None for any other file."""
        if suffix not in self.suffixes:
            return None
        for pattern in self.patterns:
            if pattern is not BARE and (stem := pattern.stem_of(name)):
                return pattern, stem
        return (BARE, name) if self.bare and is_test_folder(folder) else None


def _around(*affixes: str) -> tuple[Pattern, ...]:
    """`test_*` is a pattern with a star for the stem."""
    return tuple(BARE if affix == "*" else Pattern(*affix.split("*")) for affix in affixes)


_SCRIPTS = Naming(
    _around("*.test", "*.spec", "*-test", "*_test", "*.tests", "test-*", "test_*"),
    SCRIPT_SUFFIXES,
    bare=True,
)

NAMINGS: Mapping[str, Naming] = MappingProxyType(
    {
        "python": Naming(_around("test_*", "*_test", "*_tests"), (".py",), ("tests", "test")),
        "javascript": _SCRIPTS,
        "typescript": _SCRIPTS,
        "tsx": _SCRIPTS,
        "go": Naming(_around("*_test"), (".go",)),
        "rust": Naming(
            _around("*", "*_test", "test_*", "*_tests"), (".rs",), ("tests",), bare=True
        ),
        "java": Naming(_around("*Test", "*Tests", "Test*"), (".java",), ("src/test/java",)),
        "c": Naming(_around("test_*", "*_test"), (".c",), ("tests", "test")),
        "cpp": Naming(
            _around("*_test", "test_*", "*Test", "*Tests", "*.test", "*-test"),
            _CPP,
            ("tests", "test"),
        ),
        "csharp": Naming(
            _around("*Tests", "*Test", "*Should", "*Specs"), (".cs",), ("tests", "test")
        ),
        "ruby": Naming(_around("test_*", "*_test", "*_spec"), (".rb",), ("test",)),
        "php": Naming(_around("*Test", "*Spec"), (".php",), ("tests",)),
    }
)


def is_test_folder(name: str) -> bool:
    """Whether a folder's name says that tests stand in it: `tests`, `__tests__`, `Shop.Tests`."""
    return _TEST_FOLDER.match(name) is not None
