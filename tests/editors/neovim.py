"""A real Neovim with the client that we ship, driven by drive.lua."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.editors.conftest import Model

HERE = Path(__file__).parent
CLIENT = HERE.parent.parent / "clients" / "neovim"
PROGRAMS = Path(sys.executable).parent  # nvim and codefare of this environment

Step = list[str | int]
"""What the user does, or waits for: the name of a function of drive.lua, and its arguments."""


@dataclass(frozen=True)
class Played:
    """What came of a scene: what its steps gave, what the user was told, and the step that failed."""

    results: list[Any]
    messages: list[str]
    error: str | None = None


def play(
    scenes: list[list[Step]],
    *,
    home: Path,
    workspace: Path,
    path: Path = PROGRAMS,
    variables: dict[str, str] | None = None,
) -> list[Played]:
    """Plays scenes in one new Neovim, which is at home in `home` and starts in `workspace`."""
    script = home / "scenes.json"
    script.write_text(json.dumps(scenes), encoding="utf-8")
    # Nothing of the developer's environment comes along: no keys, no settings, no plugins.
    environment = {
        "CLIENT": str(CLIENT),
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "PATH": f"{path}{os.pathsep}{os.defpath}",
        "SCENES": str(script),
        "XDG_RUNTIME_DIR": str(home),
        **(variables or {}),
    }
    neovim = [str(PROGRAMS / "nvim"), "--headless", "-u", "NONE", "-i", "NONE", "-n"]
    ended = subprocess.run(
        [*neovim, "-c", f"luafile {HERE / 'drive.lua'}"],
        cwd=workspace,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=100 + 20 * len(scenes),
        check=False,
    )
    assert ended.stdout, ended.stderr
    return [Played(**each) for each in json.loads(ended.stdout)]


def set_up(home: Path, model: Model) -> dict[str, str]:
    """Makes `home` that of a user who set a model up; gives the environment."""
    config = home / ".config" / "codefare"
    config.mkdir(parents=True)
    text = f'[providers.openai]\nbase_url = "{model.base_url}"\n'
    (config / "config.toml").write_text(text, encoding="utf-8")
    return {"OPENAI_API_KEY": "key-of-a-server-of-our-own", "MODEL": str(model.server_port)}
