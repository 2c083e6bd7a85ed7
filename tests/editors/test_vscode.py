"""The whole way of an action in a real VS Code, with the extension that we ship.

Not part of `make test`: `make test-vscode` runs it, and sets CODEFARE_VSCODE to the folder that
vscode/install.sh filled. There is no key and no network: the offline engine answers.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.editors.conftest import Model

HERE = Path(__file__).parent
VSIX = HERE.parent.parent / "clients" / "vscode" / "out" / "codefare.vsix"
INSTALLED = Path(os.environ["CODEFARE_VSCODE"]).resolve()
CODEFARE = os.environ.get("CODEFARE") or str(Path(sys.executable).with_name("codefare"))

SETTINGS = {
    "codefare.command": CODEFARE,
    "chat.disableAIFeatures": True,  # VS Code's own, which would fill half the window
    "extensions.autoCheckUpdates": False,
    "files.autoSave": "off",  # in a browser it is on by default
    "telemetry.telemetryLevel": "off",
    "workbench.startupEditor": "none",
    "workbench.secondarySideBar.defaultVisibility": "hidden",
}


def free_port() -> int:
    """A TCP port that nothing listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty home; VS Code in it has our extension and the settings above."""
    folder = tmp_path_factory.mktemp("home")
    user = folder / "data" / "User"
    user.mkdir(parents=True)
    (user / "settings.json").write_text(json.dumps(SETTINGS), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def environment(home: Path) -> dict[str, str]:
    """Nothing of the developer's environment comes along: no keys, no settings."""
    return {
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "PATH": f"{INSTALLED / 'bin'}{os.pathsep}{os.defpath}",
        "CODE_SERVER_CONFIG": str(home / "code-server.yaml"),
    }


@pytest.fixture(scope="module")
def workspace(home: Path, shop: str) -> Path:
    """A project of one file."""
    folder = home / "my shop"
    folder.mkdir()
    (folder / "shop.py").write_text(shop, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def url(home: Path, environment: dict[str, str]) -> Iterator[str]:
    """A code-server on the loopback interface, with our extension installed from its VSIX."""
    program = [f"{INSTALLED}/bin/node", f"{INSTALLED}/node_modules/code-server/out/node/entry.js"]
    program += ["--user-data-dir", f"{home}/data", "--extensions-dir", f"{home}/extensions"]
    install = subprocess.run(
        [*program, "--install-extension", VSIX],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert install.returncode == 0, install.stdout + install.stderr
    port = free_port()
    options = ["--auth", "none", "--bind-addr", f"127.0.0.1:{port}", "--disable-telemetry"]
    options += ["--disable-update-check", "--disable-workspace-trust"]
    # The sooner it forgets the closed window, the sooner it ends our server.
    options += ["--reconnection-grace-time", "5"]
    with (home / "code-server.log").open("w+") as log:
        server = subprocess.Popen(
            [*program, *options],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        try:
            assert server.stdout is not None
            for line in server.stdout:
                log.write(line)
                if "HTTP server listening" in line:
                    break
            else:
                pytest.fail(f"code-server ended: {(home / 'code-server.log').read_text()}")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.communicate(timeout=30)


@pytest.fixture(scope="module")
def use(url: str, workspace: Path, environment: dict[str, str]) -> Callable[[str], dict[str, Any]]:
    """Plays a scenario of vscode/drive.mjs; gives what was seen. Pictures go to `dist/vscode`."""
    screenshots = HERE.parent.parent / "dist" / "vscode"
    shutil.rmtree(screenshots, ignore_errors=True)
    screenshots.mkdir(parents=True)

    def play(scenario: str) -> dict[str, Any]:
        driver = [f"{INSTALLED}/bin/node", f"{HERE}/vscode/drive.mjs"]
        ended = subprocess.run(
            [*driver, url, str(workspace), str(screenshots), scenario],
            cwd=INSTALLED,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=400,
            check=False,
        )
        assert ended.stdout, ended.stderr
        report: dict[str, Any] = json.loads(ended.stdout)
        assert "error" not in report, report["error"]
        return report

    return play


@pytest.fixture(scope="module")
def seen(use: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """What a person saw who has no key."""
    return use("free")


def test_hover_quotes_the_actions(seen: dict[str, Any]) -> None:
    """Hovering over a function shows what each action would cost."""
    assert "Document" in seen["hover"]
    assert "Explain" in seen["hover"]


def test_every_title_of_the_menu_carries_its_price(seen: dict[str, Any]) -> None:
    """The action menu shows each action with its price."""
    ours = [title for title in seen["menu"] if " · " in title]
    wanted = {"Document total", "Explain total", "Write tests for total"}
    assert wanted <= {title.split(" · ")[0] for title in ours}


def test_document_edits_and_undo_takes_it_back_in_one_step(
    seen: dict[str, Any], shop: str, undocumented: Callable[[str], str]
) -> None:
    """Document adds a docstring and nothing else; saving keeps it, one undo removes it."""
    assert undocumented(seen["saved"]) == shop
    assert seen["undone"] == shop


def test_the_menu_says_that_the_answer_is_cached(seen: dict[str, Any]) -> None:
    """What was answered once is offered for free."""
    assert any(title.startswith("Document total · cached") for title in seen["again"])


def test_explain_opens_a_report(seen: dict[str, Any]) -> None:
    """The report opens as a Markdown file and says that no model was asked."""
    assert "total" in seen["report"]
    assert "model" in seen["report"]


def test_write_tests_opens_the_new_file(seen: dict[str, Any]) -> None:
    """The tests are shown in a file of their own."""
    assert "def test_" in seen["tests"]


def test_nothing_else_pops_up_and_the_status_bar_is_idle(seen: dict[str, Any]) -> None:
    """Notifications only say that no model was asked; the status bar names the extension."""
    assert all("no model was asked" in toast for toast in seen["toasts"])
    assert seen["status"].strip() == "Codefare"


@pytest.fixture
def paid(home: Path, model: Model) -> Model:
    """The user sets a model up."""
    config = home / ".config" / "codefare"
    config.mkdir(parents=True, exist_ok=True)
    key = 'api_key_command = ["echo", "key-of-a-server-of-our-own"]'
    text = f'[providers.openai]\nbase_url = "{model.base_url}"\n{key}\n'
    (config / "config.toml").write_text(text, encoding="utf-8")
    return model


def test_the_status_bar_shows_what_runs_and_cancels_it(
    use: Callable[[str], dict[str, Any]], home: Path, paid: Model, shop: str
) -> None:
    """With a key, titles have prices, the status bar counts the cost, a click ends the request."""
    paid.answer = '```python\n"""Add prices up."""\n```\n'
    seen = use("paid")  # in a new window, and so with a new server
    assert any(title.startswith("Document total") and "¢" in title for title in seen["menu"])
    assert "¢" in seen["running"]
    assert paid.hung_up.wait(60)
    assert "Add prices up" not in seen["left"]
    assert (home / "my shop" / "shop.py").read_text(encoding="utf-8") == shop


def test_the_server_asks_in_boxes_of_the_editors_own(
    use: Callable[[str], dict[str, Any]], paid: Model, shop: str
) -> None:
    """The palette and the context menu lead to questions: for words, for an action, for a model."""
    function = shop.partition("def total")[2].replace(
        "return sum(prices)", "whole = sum(prices)\n    return whole"
    )
    paid.answers = {
        "File: shop.py": [f"```python\ndef total{function}```\n"],
        "Folder: my shop": ["There is one shop."],
    }
    seen = use("asked")
    assert any("Refactor with Your Own Words…" in line for line in seen["context"])
    assert "What is wanted: name the parts" in paid.asked[0].prompt
    assert "whole = sum(prices)" in seen["edited"]
    assert "There is one shop." in seen["described"]
    assert "Ask a question about it …" in seen["actions"]
    assert any(line.startswith("GPT-5.6 Sol") and "¢" in line for line in seen["models"])
    assert "whole = sum(prices)" in seen["sent"]
