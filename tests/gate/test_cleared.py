"""Placeholders: which secrets get which, and what becomes of them in an answer."""

from __future__ import annotations

import copy
import json
from dataclasses import replace

import pytest
from tests.gate.corpus import drawn
from tests.gate.test_scan import prompt

from codefare.errors import TargetError
from codefare.gate import Cleared
from codefare.tasks.prompt import Prompt


def test_one_secret_has_one_placeholder_everywhere() -> None:
    """What is a secret in one part is one in all: in the instruction, a diagnostic, the system text, a name."""
    cleared = Cleared(
        prompt(
            'password = "hunter2x"',
            "File: hunter2x.py",
            "What is wanted: do not print hunter2x",
            "api_key = 'aB3dE5fG7hI9jK1l'",
            system="Never say hunter2x.",
        )
    )
    assert "hunter2x" not in cleared.system + cleared.user
    assert cleared.system == "Never say CODEFARE_SECRET_1."
    assert cleared.parts[1].text == "File: CODEFARE_SECRET_1.py"
    assert cleared.parts[3].text == "api_key = 'CODEFARE_SECRET_2'"
    assert cleared.removed[0].parts == ("what the action is", "part 1", "part 2", "part 3")


def test_other_secrets_make_the_same_prompt() -> None:
    """A changed password costs no new answer, and the old answer gets the new password."""
    one, other = (Cleared(prompt(f'password = "{word}"')) for word in ("hunter2x", "Tr0ub4dor&3"))
    assert (one.system, one.user) == (other.system, other.user)
    answer = 'password = "CODEFARE_SECRET_1"  # kept'
    assert one.restored(answer) == 'password = "hunter2x"  # kept'
    assert other.restored(answer) == 'password = "Tr0ub4dor&3"  # kept'


def test_a_prompt_without_secrets_is_not_touched() -> None:
    """Not by a character, and neither is its answer, whatever that holds."""
    plain = prompt("x = 1", system="s")
    cleared = Cleared(plain)
    assert (cleared.system, cleared.parts) == (plain.system, plain.parts)
    assert cleared.restored("CODEFARE_SECRET_1") == "CODEFARE_SECRET_1"
    assert cleared.stray("CODEFARE_SECRET_1") is None


def test_placeholders_of_the_code_are_left_alone() -> None:
    """Code that is full of what looks like placeholders comes back as it was."""
    fakes = " ".join(f"CODEFARE_SECRET_{number}" for number in (1, 2, 4, "01", "9" * 30))
    text = f'{fakes}\npassword = "hunter2x"; token = "aB3dE5fG7hI9jK1l"'
    cleared = Cleared(prompt(text))
    assert '"CODEFARE_SECRET_3"' in cleared.user
    assert '"CODEFARE_SECRET_5"' in cleared.user
    assert cleared.restored(cleared.parts[0].text) == text
    assert cleared.stray(fakes) is None


@pytest.mark.parametrize("after", ["5", "_", "_5", "x", "12"])
def test_what_stands_after_a_secret_does_not_change_its_placeholder(after: str) -> None:
    """A digit or underscore after one is not taken for a part of its number."""
    secret = drawn("long", 32)
    text = f'token = "{secret}"\nlog = "{secret}{after}"\npassword = "hunter2x"'
    cleared = Cleared(prompt(text))
    assert secret not in cleared.user
    assert cleared.restored(cleared.parts[0].text) == text


def test_a_short_secret_is_a_word_of_its_own() -> None:
    """It is not looked for in the middle of other words."""
    text = 'password = "hunter2"\nhunter22 = "my_hunter2"'
    assert 'hunter22 = "my_hunter2"' in Cleared(prompt(text)).user


def test_the_users_own_key_is_a_secret_wherever_it_stands() -> None:
    """Also without any name, and in the middle of a word; a word that servers take for a key is none."""
    key = "my-own-proxy-key"
    cleared = Cleared(prompt(f"see x{key}y, ollama"), {key, "ollama"})
    assert cleared.parts[0].text == "see xCODEFARE_SECRET_1y, ollama"
    assert cleared.removed[0].kind == "your provider key"
    assert cleared.restored(cleared.parts[0].text) == f"see x{key}y, ollama"


def test_json_gets_secrets_as_json_writes_them() -> None:
    """A finding that quotes a line with a quote or a backslash in its password can be read."""
    code = "password = 'p4\"ss\\\\word!'"
    cleared = Cleared(prompt(code))
    answer = json.dumps([{"code": cleared.parts[0].text}])
    assert json.loads(cleared.restored(answer, as_json=True)) == [{"code": code}]


def test_lines_and_kinds_are_told_and_no_secret() -> None:
    """Where it begins, what it is, and nothing of it, also not in what a debugger or a log would show."""
    secret = drawn("log", 36)
    text = f'a = 1\ntoken = "ghp_{secret}"\nagain = "ghp_{secret}"'
    cleared = Cleared(prompt(text))
    assert cleared.lines(text) == [("GitHub token", (2, 3))]
    assert secret not in f"{cleared!r} {cleared} {cleared.removed}"


def test_a_cleared_prompt_cannot_be_made_of_another_text() -> None:
    """There is no way to one but through the gate: neither by its fields nor by replacing them."""
    cleared = Cleared(prompt("x"))
    with pytest.raises(TypeError):
        replace(cleared, system='password = "hunter2x"')
    with pytest.raises(TypeError):
        Cleared(*(getattr(cleared, name) for name in Prompt.__slots__))
    with pytest.raises(AttributeError):
        cleared.system = "x"  # type: ignore[misc]
    assert copy.copy(cleared).user == cleared.user


def test_a_file_of_secrets_is_refused() -> None:
    """What holds hundreds of them is data: the user is told to select code."""
    text = "\n".join(f'password = "{drawn(str(number), 12)}"' for number in range(600))
    with pytest.raises(TargetError, match="more than 500 secrets"):
        Cleared(prompt(text))
