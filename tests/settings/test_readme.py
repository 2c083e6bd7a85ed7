"""README.md is where a user looks settings up: it names each, and what it shows can be copied."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codefare.settings import load_settings
from codefare.settings.network import NetworkTable
from codefare.settings.shape import ConfigFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import BaseModel

README = Path(__file__).parents[2] / "README.md"
BLOCK = re.compile(r"^```toml\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def configuration() -> tuple[str, list[str]]:
    """The part on configuration, and the contents of config.toml in it."""
    part = README.read_text("utf-8").partition("\n### Configuration\n")[2].partition("\n### ")[0]
    return part, BLOCK.findall(part)


def names(shape: type[BaseModel]) -> Iterator[str]:
    """The names of all settings of a table, and of the tables in it."""
    for name, field in shape.model_fields.items():
        yield name
        for inner in (field.annotation, *getattr(field.annotation, "__args__", ())):
            if hasattr(inner, "model_fields") and inner is not NetworkTable:
                yield from names(inner)


def test_the_readme_names_every_setting() -> None:
    """Nobody has to read the source to learn what can be set."""
    part, _ = configuration()
    every = {*names(ConfigFile), *names(NetworkTable)}
    assert len(every) > 40
    assert {name for name in every if not re.search(rf"\b{name}\b", part)} == set()


def test_what_the_readme_shows_can_be_copied(tmp_path: Path) -> None:
    """Each of its files is taken as it stands, without a warning."""
    _, files = configuration()
    assert len(files) == 2
    for number, text in enumerate(files):
        file = tmp_path / f"{number}.toml"
        file.write_text(text, "utf-8")
        providers = ("anthropic", "openai", "deepseek", "local")
        assert load_settings(file, providers=providers).warnings == ()


def test_the_defaults_in_the_readme_are_those() -> None:
    """The settings outside of tables, and those of the cache, are shown as they are without a file."""
    _, (text, _) = configuration()
    shown: dict[str, Any] = tomllib.loads(text)
    default = ConfigFile().model_dump()
    simple = {name for name, value in default.items() if not isinstance(value, dict)}
    assert {name: shown[name] for name in simple} == {name: default[name] for name in simple}
    assert shown["cache"] == default["cache"]
