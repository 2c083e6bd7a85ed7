"""What an editor shows of settings that do not hold: because codefare cannot start, or not before it is restarted."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from codefare.errors import ConfigError
from codefare.lsp import halted
from codefare.lsp.checkup import _of_settings
from codefare.lsp.client import ClientFeatures
from codefare.settings import load_settings

if TYPE_CHECKING:
    from codefare.lsp.features import Features

PROVIDERS = '[providers.anthropic]\nbase_url = "http://127.0.0.1:1"\n'


def test_without_a_home_folder_the_menu_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no folder can be told, none can be left out of the line either."""
    import pwd

    def nobody(uid: int) -> Any:
        raise KeyError(uid)

    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", nobody)
    with pytest.raises(ConfigError) as raised:
        load_settings()
    (line,) = halted.menu(raised.value, ClientFeatures())
    assert line.title.startswith("codefare cannot start: Your home folder cannot be determined.")


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (f'complexity = "low"\n{PROVIDERS}', ""),
        ('complexity = "low"\n', "says something else of providers"),
        ("", "is gone or empty: what holds is what it said before"),
        (None, "is gone or empty: what holds is what it said before"),
        ("complxity = 1\n", ""),
    ],
)
def test_the_doctor_tells_what_waits_for_a_new_start(configure, now: str | None, said: str) -> None:
    """A wrong file is told of elsewhere, and what holds already needs no start."""
    file: Path = configure(f'complexity = "low"\n{PROVIDERS}')
    known = {"providers": ["anthropic"], "user_settings": load_settings(providers=["anthropic"])}
    if now is None:
        file.unlink()
    else:
        file.write_text(now, "utf-8")
    found = _of_settings(cast("Features", SimpleNamespace(**known)))
    assert len(found) == bool(said)
    assert all(said in one.text for one in found)
