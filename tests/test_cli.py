"""The command line, as a real process on a new user's machine."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import pytest

CODE = "def add(a, b):\n    if a is None:\n        raise ValueError('a')\n    return a + b\n"


@pytest.fixture
def project(home: Path, tmp_path: Path) -> Path:
    """A folder with one file."""
    folder = tmp_path / "a project"
    (folder / "tests").mkdir(parents=True)
    (folder / "sums.py").write_text(CODE, "utf-8")
    return folder


def codefare(
    folder: Path, *words: str, stdout: int | IO[str] = subprocess.PIPE
) -> subprocess.CompletedProcess[str]:
    """Runs the program in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "codefare", *words],
        cwd=folder,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        check=False,
    )


def on_a_terminal(
    folder: Path, columns: int, *words: str, seen: Callable[[bytes], None] = lambda _: None
) -> str:
    """What the program writes to a terminal of that width; `seen` is told what stands there so far."""
    import pty
    import termios

    ours, its = pty.openpty()
    termios.tcsetwinsize(its, (24, columns))
    environment = os.environ | {"TERM": "xterm-256color"}
    for name in ("COLUMNS", "LINES"):
        environment.pop(name, None)
    with subprocess.Popen(
        [sys.executable, "-m", "codefare", *words],
        cwd=folder,
        stdin=its,
        stdout=its,
        stderr=its,
        env=environment,
    ):
        os.close(its)
        written = b""
        with suppress(OSError):  # how a terminal says that nobody writes to it any more
            while part := os.read(ours, 65536):
                written += part
                seen(written)
        os.close(ours)
    return written.decode().replace("\r\n", "\n")


def data(folder: Path, *words: str) -> Any:
    """What `--json` prints."""
    done = codefare(folder, *words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_version_is_told(project: Path) -> None:
    """Scripts ask for it."""
    assert codefare(project, "--version").stdout == "codefare 0.1.0\n"


def test_quote_lists_the_actions_with_their_prices(project: Path) -> None:
    """A list of objects, each with all the promised fields."""
    quotes = data(project, "quote", "sums.py:1")
    assert [q["action"] for q in quotes] == [
        "explain",
        "refactor",
        "tests",
        "document",
        "review",
        "optimise",
    ]
    fields = {"action", "task_type", "complexity", "model", "provider", "cached", "input_tokens"}
    fields |= {"output_tokens", "cost_usd", "price_source", "reason"}
    assert all(fields <= set(q) for q in quotes)
    assert codefare(project, "quote", "sums.py:1-4").stdout.count("¢") >= 4


@pytest.mark.skipif(os.name != "posix", reason="Windows keeps a folder that someone is in")
def test_a_folder_that_was_deleted_is_no_failure_of_the_output(project: Path) -> None:
    """The shell still stands in it: the user is told what is wrong, and to go elsewhere."""
    file = str(project / "sums.py")
    program = (
        "import os, runpy, sys; os.mkdir('gone'); os.chdir('gone'); os.rmdir('../gone');"
        f" sys.argv = ['codefare', 'quote', {file!r}]; runpy.run_module('codefare', run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=project, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr == (
        "codefare: The current folder does not exist any more. Change to another one.\n"
    )


def test_quote_of_one_action(project: Path) -> None:
    """`--action` leaves the others out."""
    assert [q["action"] for q in data(project, "quote", "sums.py:1", "--action", "document")] == [
        "document"
    ]


def test_run_prints_a_diff_and_leaves_the_file_alone(project: Path) -> None:
    """Without --apply nothing is written, and the user is told how."""
    done = codefare(project, "run", "document", "sums.py:1")
    assert done.returncode == 0
    assert '+    """' in done.stdout
    assert "--apply" in done.stderr
    assert "no model was asked" in done.stderr
    assert (project / "sums.py").read_text("utf-8") == CODE


def test_offline_results_say_so_and_how_a_model_would_be_asked(project: Path) -> None:
    """The first time and from the cache."""
    for _ in range(2):
        told = codefare(project, "run", "document", "sums.py:1").stderr
        assert "no model was asked" in told
        assert "_API_KEY" in told


def test_run_apply_writes_what_was_shown_from_the_cache(project: Path) -> None:
    """The second run is free, and the diff it wrote is the diff that was shown."""
    shown = codefare(project, "run", "document", "sums.py:1").stdout
    done = data(project, "run", "document", "sums.py:1", "--apply")
    assert (done["applied"], done["cached"], done["cost_usd"]) == (True, True, "0")
    assert done["diff"] == shown
    assert '"""' in (project / "sums.py").read_text("utf-8")


def test_run_tests_writes_a_new_file_and_never_over_one(project: Path) -> None:
    """A second time the cases are there already, and the file stays as it is."""
    path = Path(data(project, "run", "tests", "sums.py:1", "--apply")["path"])
    written = path.read_text("utf-8")
    second = codefare(project, "run", "tests", "sums.py:1", "--apply", "--json")
    assert path.name == "test_sums.py"
    assert "def test_" in written
    assert second.returncode == 1
    assert "already" in second.stdout
    assert path.read_text("utf-8") == written


def test_generated_tests_run(project: Path) -> None:
    """What the offline engine writes is a test file that pytest runs: nothing fails, nothing is claimed."""
    made = data(project, "run", "tests", "sums.py:1", "--apply")["path"]
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "--rootdir",
            str(project),
            made,
        ],
        cwd=project,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "skipped" in done.stdout


def test_route_follows_the_ranking_on_a_day(project: Path) -> None:
    """On the document's day GPT-4 Turbo still answers; in November its successor does."""
    february = data(project, "route", "architecture", "--all", "--at", "2026-02-07")
    november = data(project, "route", "architecture", "--all", "--at", "2026-11-23")
    budget = data(project, "route", "code_generation", "--budget", "--all", "--at", "2026-02-07")
    assert (february["chosen"], november["chosen"]) == ("gpt-4-turbo", "gpt-5.6-sol")
    assert budget["chosen"] == "deepseek-coder-v2.5"
    assert all(row["reason"] for row in november["ranked"] + november["dropped"])


def test_route_judges_a_lifecycle_on_the_day_that_was_asked_for(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model that is gone today still answered on the document's day, with a key as with `--all`."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-not-a-real-one")
    keyed = data(project, "route", "documentation", "--at", "2026-02-07")
    assert keyed["chosen"] == "gpt-3.5-turbo"
    assert not [row for row in keyed["dropped"] if row["model"] == "gpt-3.5-turbo"]


def test_route_private_and_long(project: Path) -> None:
    """`--private` leaves self-hosted models, `--tokens` those whose window holds the prompt."""
    private = data(project, "route", "boilerplate", "--all", "--private", "--complexity", "low")
    long = data(
        project, "route", "documentation", "--all", "--tokens", "20000", "--at", "2026-02-07"
    )
    assert private["provider"] == "local"
    assert "gpt-3.5-turbo" not in [row["model"] for row in long["ranked"]]


def test_route_without_a_key_fails_and_says_what_to_set(project: Path) -> None:
    """Exit code 1, and the variables by name."""
    done = codefare(project, "route", "testing")
    assert done.returncode == 1
    assert "ANTHROPIC_API_KEY" in done.stdout


def test_route_says_what_to_set_for_the_successor_of_a_retired_model(project: Path) -> None:
    """That GPT-6 Luna takes a place is half of it: why it cannot be used is said too."""
    done = codefare(project, "route", "documentation", "--at", "2026-11-25")
    assert "not GPT-6 Luna at OpenAI: no key: set OPENAI_API_KEY" in done.stdout
    assert "not DeepSeek Flash at DeepSeek: no key: set DEEPSEEK_API_KEY" in done.stdout


def test_models_has_all_of_them(project: Path) -> None:
    """The twelve with the document's figures, and their successors."""
    models = {m["id"]: m for m in data(project, "models")}
    assert sum(m["listed"] is not None for m in models.values()) == 12
    assert models["claude-opus-4.6"]["listed"] == {
        "input": "15.00",
        "output": "75.00",
        "cache_write": "1.50",
        "cache_read": "0.15",
    }
    assert models["qwen-2.5-coder-32b"]["listed"]["input"] == {"low": "0.20", "high": "0.60"}
    assert models["claude-haiku-4.5"]["current"]["input"] == "1"
    assert models["gpt-4-turbo"]["status"] == "retired"
    assert models["gpt-4-turbo"]["successor"] == "gpt-5.6-sol"
    assert "claude-opus-4.6" in codefare(project, "models").stdout


def test_the_cache_is_told_and_cleared(project: Path) -> None:
    """Answers are counted and deleted."""
    codefare(project, "run", "explain", "sums.py:1")
    assert data(project, "cache", "info")["entries"] == 1
    assert codefare(project, "cache", "info").stdout.startswith("1 answer, ")
    assert codefare(project, "cache", "clear").stdout == "1 answer deleted.\n"
    assert data(project, "cache", "info")["entries"] == 0


def test_a_cache_that_is_turned_off_is_told_as_such(project: Path, configure) -> None:
    """Not as one of 0 MiB that keeps answers for 30 days."""
    configure("[cache]\nenabled = false\n")
    assert "`enabled` under [cache] is false" in codefare(project, "cache", "info").stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("run", "explain", "missing.py"), "missing.py"),
        (("run", "explain", f"{'long' * 99}.py:3"), "file name too long"),
        (("run", "explain", "sums.py:99"), "which has 4 lines"),
        (("run", "explain", "sums.py:4-2"), "no lines 4 to 2"),
        (("run", "explain", "empty.py"), "is empty"),
        (("run", "explain", "binary.py"), "binary"),
        (("run", "explain", "huge.py"), "huge.py"),
        (("run", "explain", "."), "."),
        (("run", "documnt", "sums.py"), "Did you mean document?"),
        (("run", "explain", "sums.py", "--model", "gpt-7"), "no model 'gpt-7'"),
        (("run", "document", "sums.py"), "FILE:LINE"),
        (("run", "explain", "sums.py:2-"), "'2-' is no line"),
        (("run", "explain", "sums.py:2:5"), "sums.py:3-8"),
        (("route", "poetry"), "no task type 'poetry'"),
        (("route", "code-review"), "Did you mean code_review?"),
        (("route", "testing", "--at", "yesterday"), "2026-11-30"),
        (("serve", "--tcp", "nowhere"), "HOST:PORT"),
        (("serve", "--tcp", "0.0.0.0:0"), "not a loopback address"),
        (("quote",), "Missing argument"),
    ],
)
def test_wrong_use_is_said_with_exit_code_2(
    project: Path, words: tuple[str, ...], said: str
) -> None:
    """The message names what is wrong; nothing is printed that a script could take for a result."""
    (project / "empty.py").write_bytes(b"")
    (project / "binary.py").write_bytes(b"\x00\x01\x02" * 100)
    (project / "huge.py").write_bytes(b"x = 1\n" * 900_000)
    done = codefare(project, *words)
    assert done.returncode == 2, done.stdout
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_what_no_model_can_do_fails_with_exit_code_1(project: Path) -> None:
    """Refactor needs a model, and says which variable to set."""
    done = codefare(project, "run", "refactor", "sums.py:1")
    assert done.returncode == 1
    assert "needs a model" in done.stderr
    assert "_API_KEY" in done.stderr


def test_broken_code_is_explained_all_the_same(project: Path) -> None:
    """A syntax error in the file is no reason to fail."""
    (project / "broken.py").write_text("def f(:\n    return [1,\n\nclass A\n", "utf-8")
    assert codefare(project, "run", "explain", "broken.py").returncode == 0


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("config.toml", "[budget]\nper_day = 1\n", "per_day_usd"),
        ("config.toml", "prices = \n", "line 1"),
        ("config.toml", '[models]\navoid = ["gpt4o"]\n', "Did you mean 'gpt-4o'?"),
        ("catalog.toml", '[models."gpt-4o"]\nspeeed = "Fast"\n', "speed"),
        ("catalog.toml", '[models."gpt-4o".offerings.openai]\nmax_output = "many"\n', "max_output"),
    ],
)
def test_a_wrong_file_is_named_with_the_place_and_what_is_meant(
    project: Path, configure, name: str, text: str, said: str
) -> None:
    """The message names the file and the key, and exit code 2 says that it is the user's to mend."""
    file = configure("").with_name(name)
    file.write_text(text, "utf-8")
    done = codefare(project, "quote", "sums.py:1")
    assert done.returncode == 2
    assert name in done.stderr
    assert said in done.stderr


def test_a_corrupt_cache_is_only_a_slow_cache(project: Path, home: Path) -> None:
    """Garbage in the database is set aside; the action works, and the next one is cached again."""
    codefare(project, "run", "explain", "sums.py:1")
    (database,) = (home / "cache" / "codefare" / "answers").glob("cache.db")
    database.write_bytes(b"garbage" * 1000)
    assert data(project, "run", "explain", "sums.py:1")["cached"] is False
    assert data(project, "run", "explain", "sums.py:1")["cached"] is True


def test_a_cache_that_cannot_be_written_is_done_without(project: Path, home: Path) -> None:
    """A file where the folder should be: the action works, and `cache info` tells what is wrong."""
    (home / "cache").mkdir()
    (home / "cache" / "codefare").write_text("not a folder")
    done = codefare(project, "run", "explain", "sums.py:1")
    assert done.returncode == 0, done.stderr
    assert "answers" in codefare(project, "cache", "info").stderr


@pytest.mark.parametrize(
    "words",
    [("models",), ("route", "testing", "--all"), ("quote", "sums.py"), ("run", "tests", "sums.py")],
)
def test_a_terminal_that_lacks_our_signs_gets_them_escaped(
    project: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    """A locale without `·` and `≤` is no reason to fail."""
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    done = codefare(project, *words)
    assert done.returncode == 0, done.stderr
    assert done.stdout.isascii()


def test_json_can_be_read_whatever_the_encoding_and_the_file_name(project: Path) -> None:
    """JSON is printed in ASCII, also where it holds a name that is no text."""
    strange = os.fsdecode(b"m\xff\xc3\xa4.py")
    try:
        (project / strange).write_text(CODE, "utf-8")
    except OSError:
        pytest.skip("this file system has no such names")
    shown = data(project, "run", "document", f"{strange}:1")["diff"]
    assert strange in shown


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device of a full disk")
@pytest.mark.parametrize("words", [("models",), ("models", "--json"), ("run", "tests", "sums.py")])
def test_output_that_cannot_be_written_is_said_with_exit_code_1(
    project: Path, words: tuple[str, ...]
) -> None:
    """One line about it, and no traceback."""
    with Path("/dev/full").open("w") as full:
        done = codefare(project, *words, stdout=full)
    assert done.returncode == 1
    assert "The output was not written" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="pipes end otherwise on Windows")
@pytest.mark.parametrize(
    "words", [("models",), ("models", "--json"), ("run", "document", "sums.py:1"), ("--help",)]
)
def test_a_reader_that_leaves_early_is_no_failure(project: Path, words: tuple[str, ...]) -> None:
    """`codefare models | head -1` ends quietly with 0."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = codefare(project, *words, stdout=writing)
    finally:
        os.close(writing)
    assert done.returncode == 0
    assert "Broken" not in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="pipes end otherwise on Windows")
def test_a_failure_stays_one_where_nobody_reads_of_it(project: Path) -> None:
    """`codefare run … --json | head -1` in a script that heeds each program's exit code."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = codefare(project, "run", "document", "other.py", "--json", stdout=writing)
    finally:
        os.close(writing)
    assert done.returncode == 2
    assert "other.py cannot be read" in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="needs a shell that closes files")
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_closed_output_is_no_failure(project: Path, closed: str) -> None:
    """Some services are started without any."""
    for words in ("models", "run document sums.py:1"):
        done = subprocess.run(
            ["/bin/sh", "-c", f'"$0" -m codefare {words} {closed}', sys.executable],
            cwd=project,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0
        assert "Traceback" not in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="needs a pseudoterminal")
def test_a_narrow_terminal_cuts_nothing(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Long lines of a diff or report can be copied whole; the models have two lines each, folded between words."""
    monkeypatch.setenv("NO_COLOR", "1")
    name = "measure_the_length_of_everything_that_there_is_to_measure"
    code = f"def {name}(first, second):\n    return first\n"
    (project / "long.py").write_text(code, "utf-8")
    shown = on_a_terminal(project, 30, "run", "document", "long.py:1")
    assert f"\n def {name}(first, second):\n" in shown
    explained = on_a_terminal(project, 30, "run", "explain", "long.py:1")
    assert name in "".join(explained.split())
    models = re.sub(r"\x1b\[\d*m", "", on_a_terminal(project, 30, "models"))
    assert "\nqwen-2.5-coder-32b ·\n" in models
    assert max(map(len, models.split("\n"))) <= 30


@pytest.mark.skipif(os.name != "posix", reason="needs a pseudoterminal")
def test_what_commands_do_is_said_whole(project: Path) -> None:
    """No command's line ends in dots on a terminal of 80 columns."""
    _, _, commands = on_a_terminal(project, 80, "--help").partition("\nCommands:\n")
    assert "  models " in commands
    assert "..." not in commands


@pytest.mark.skipif(os.name != "posix", reason="needs a pseudoterminal")
def test_a_diff_is_coloured_in_the_terminals_own_colours(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What did not change has no colour: white on white could not be read."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    shown = on_a_terminal(project, 80, "run", "document", "sums.py:1")
    assert '\x1b[32m+    """' in shown
    assert "\n def add(a, b):\n" in shown


@pytest.mark.skipif(os.name != "posix", reason="needs a pseudoterminal")
def test_a_terminal_obeys_nothing_that_a_file_or_an_answer_says(project: Path) -> None:
    """Control sequences are shown, not sent: they could change the terminal's title, keys or what was above."""
    code = 'def title():\n    return "\x1b]0;taken\x07\x9b2J"\n'
    (project / "escape.py").write_text(code, "utf-8")
    for action in ("document", "explain"):
        shown = on_a_terminal(project, 80, "run", action, "escape.py:1")
        assert "\x1b]0;" not in shown
        assert "\x9b" not in shown
        assert r"\x1b]0;taken" in shown
    assert "\x1b]0;taken" in codefare(project, "run", "document", "escape.py:1").stdout


def test_a_diff_counts_lines_as_patch_does(project: Path) -> None:
    """A form feed between functions, as old C and Python sources have, does not end a line."""
    (project / "feed.py").write_text(f"x = 1\n\x0c\n{CODE}", "utf-8")
    diff = codefare(project, "run", "document", "feed.py:3").stdout
    assert "No newline" not in diff
    assert "\n \x0c\n def add(a, b):\n" in diff
