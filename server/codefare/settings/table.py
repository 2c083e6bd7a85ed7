"""What all tables of `config.toml` have in common."""

from __future__ import annotations

from pathlib import Path, PurePath
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from codefare_catalog.variable import is_variable


class Table(BaseModel):
    """A table: nothing unknown in it, nothing converted, no value in an error (it may be a secret)."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


def _variable(name: str) -> str:
    if not is_variable(name):  # it may be a key: never repeat it
        raise ValueError(
            'must be the name of an environment variable, such as "OPENAI_API_KEY",'
            " not the key itself"
        )
    return name


def _command(words: list[str]) -> list[str]:
    """A command's program is not looked for in the current folder, which may be a workspace."""
    if words:
        program = PurePath(words[0])
        if program.name != words[0] and not Path(words[0]).expanduser().is_absolute():
            raise ValueError(
                "must begin with a program's name, or with its path from the root or from ~"
            )
    return words


def _file(name: str) -> str:
    if name and not Path(name).expanduser().is_absolute():
        raise ValueError("must be a path from the root, or begin with ~")
    return name


Text = Annotated[str, Field(min_length=1)]
Variable = Annotated[str, AfterValidator(_variable)]
SecretCommand = Annotated[list[Text], AfterValidator(_command)]
File = Annotated[str, AfterValidator(_file)]
