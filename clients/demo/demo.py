"""`make demo`: the real language server on a real source file of this repository, with no key and no network."""

from __future__ import annotations

import asyncio
import difflib
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from client import DemoClient

from codefare import streams

_REPOSITORY = Path(__file__).parents[2]
_SOURCE = Path("server", "codefare", "settings", "shape.py")
_FUNCTION = "def _usd("
_BOLD, _DIM, _GREEN, _RED, _CYAN, _RESET = (f"\x1b[{n}m" for n in (1, 2, 32, 31, 36, 0))

_NEXT = """\
Plug it in
  A key      export ANTHROPIC_API_KEY=...   (or OPENAI_, DEEPSEEK_, DASHSCOPE_, ZAI_, MOONSHOT_, OPENROUTER_API_KEY)
  Ollama     ollama pull qwen2.5-coder:7b   (a local server is found by itself; llama.cpp, vLLM and LM Studio too)
  Neovim     vim.opt.rtp:append('{here}/clients/neovim'); vim.lsp.enable('codefare')
  VS Code    make vsix, then "Extensions: Install from VSIX..."
  Helix, Emacs, Sublime, Kate, Vim: see clients/README.md
  Terminal   {codefare} quote {place}
"""


def _paint(colour: str, text: str) -> str:
    return f"{colour}{text}{_RESET}" if sys.stdout.isatty() else text


def _heading(text: str) -> None:
    print(f"\n{_paint(_BOLD, text)}")


def _show(text: str) -> None:
    for line in text.rstrip().split("\n"):
        print(f"  {line}")


def _diff(old: str, new: str, old_name: str, new_name: str) -> str:
    colours = {"+": _GREEN, "-": _RED, "@": _CYAN}
    lines = difflib.unified_diff(
        old.splitlines(), new.splitlines(), old_name, new_name, n=2, lineterm=""
    )
    return "\n".join(
        _paint(colours[line[0]], line) if line[:1] in colours else line for line in lines
    )


def _pick(actions: list[dict[str, Any]], name: str) -> dict[str, Any]:
    for action in actions:
        if action["title"].startswith(name):
            return action
    raise SystemExit(f"the menu offers no {name!r}: {[a['title'] for a in actions]}")


async def _run(client: DemoClient, name: str, at: tuple[int, int]) -> str:
    """Run an action from a fresh menu; gives its title."""
    action = _pick(await client.actions(*at), name)
    await client.run(action)
    return str(action["title"])


async def _main_job(client: DemoClient, root: Path) -> None:
    line = client.text[: client.text.index(_FUNCTION)].count("\n")
    at = (line, len("def "))
    started = time.perf_counter()
    await client.open(root)
    _heading(f"1. Hover over `{_FUNCTION[4:-1]}` in {_SOURCE.as_posix()}, line {line + 1}")
    _show(await client.hover(*at))
    _show(_paint(_DIM, f"({time.perf_counter() - started:.1f} s from the start of the server)"))

    _heading("2. The action menu at the same place")
    for action in await client.actions(*at):
        _show(f"[{action['kind']}]  {action['title']}")

    before = client.text
    _heading(f"3. {await _run(client, 'Document', at)}")
    _show(_diff(before, client.text, _SOURCE.as_posix(), _SOURCE.as_posix()))
    if client.text == before:
        raise SystemExit("the document was not changed: " + "; ".join(client.messages))

    _heading(f"4. {await _run(client, 'Explain', at)}")
    _show(client.shown[-1].read_text("utf-8"))

    _heading(f"5. {await _run(client, 'Write tests', at)}")
    tests = client.shown[-1]
    _show(_diff("", tests.read_text("utf-8"), "/dev/null", tests.relative_to(root).as_posix()))

    _heading(f"6. Once more: {await _run(client, 'Explain', at)}")
    _show(client.receipts[-1])


async def _demo() -> None:
    with tempfile.TemporaryDirectory(prefix="codefare-demo-") as folder:
        # The demo works on a copy: your checkout stays as it is, and your own cache and settings are left alone.
        home = Path(folder, "home")
        root = Path(folder, "codefare")
        shutil.copytree(
            _REPOSITORY / "server", root / "server", ignore=shutil.ignore_patterns("__pycache__")
        )
        shutil.copy(_REPOSITORY / "pyproject.toml", root)
        (root / "tests").mkdir()
        env = {
            k: v
            for k, v in os.environ.items()
            if not k.endswith("_API_KEY") and not k.startswith("XDG_")
        }
        env |= {"HOME": str(home), "USERPROFILE": str(home)}
        command = [sys.executable, "-m", "codefare", "serve"]
        client = await DemoClient.start(command, env, root / _SOURCE)
        await _main_job(client, root)
        await client.close()
    _heading("That was the whole path, with the offline engine: no key, no network, nothing paid.")
    codefare = Path(sys.executable).with_name("codefare").relative_to(_REPOSITORY)
    before, _, _ = (_REPOSITORY / _SOURCE).read_text("utf-8").partition(_FUNCTION)
    place = f"{_SOURCE.as_posix()}:{before.count(chr(10)) + 1}"
    print(_NEXT.format(here=_REPOSITORY, codefare=codefare, place=place))


if __name__ == "__main__":
    streams.prepare()
    asyncio.run(_demo())
