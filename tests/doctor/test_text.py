"""How a diagnosis is read: worst first, folded between words, as data, and as Markdown."""

from __future__ import annotations

from tests.doctor.conftest import NOW

from codefare.doctor.finding import Diagnosis, Finding, Group, State, diagnosis_json
from codefare.doctor.text import lines, markdown

PATH = "/home/somebody/with/a/very/long/path/that/must/not/be/cut/in/two.toml"
FOUND = (
    Finding("files.log", Group.FILES, "Log", State.OK, f"{PATH}, 3 bytes"),
    Finding("provider.b.key", Group.PROVIDERS, "B key", State.OK, "in B_API_KEY, taken"),
    Finding("provider.c.key", Group.PROVIDERS, "C key", State.NOTE, "not set", "Set C_API_KEY."),
    Finding("machine.git", Group.MACHINE, "git", State.WARNING, "not found", "Install git."),
    Finding(
        "provider.a.key",
        Group.PROVIDERS,
        "A key",
        State.PROBLEM,
        "A refused the key (401): see [this](http://x.example) <b>now</b>.",
        "Check that A_API_KEY is right, still valid, and may use this model; or take another one.",
    ),
)
DIAGNOSIS = Diagnosis(FOUND, NOW, asked=("A", "B"))


def test_the_worst_comes_first() -> None:
    """Groups by their worst finding, and so the findings in each."""
    assert [group for group, _ in DIAGNOSIS.groups] == [
        Group.PROVIDERS,
        Group.MACHINE,
        Group.FILES,
    ]
    assert [one.id for one in DIAGNOSIS.groups[0][1]] == [
        "provider.a.key",
        "provider.c.key",
        "provider.b.key",
    ]
    assert DIAGNOSIS.worst is State.PROBLEM
    assert Diagnosis((), NOW).worst is State.OK


def test_lines_are_folded_between_words() -> None:
    """Under their beginning, in 40 columns and more; a path is never cut; short remedies stand on the same line."""
    told = [line.text for line in lines(DIAGNOSIS, 40)]
    assert told[0] == "codefare doctor · 1 problem, 1 warning"
    assert told[2:9] == [
        "✗ Providers",
        "  ✗ A key: A refused the key (401): see",
        "    [this](http://x.example) <b>now</b>.",
        "    → Check that A_API_KEY is right,",
        "      still valid, and may use this",
        "      model; or take another one.",
        "  · C key: not set → Set C_API_KEY.",
    ]
    assert all(len(line) <= 40 for line in told if PATH not in line)
    assert any(PATH in line for line in told)
    assert len(lines(DIAGNOSIS, None)) < len(told)


def test_each_mark_has_its_state() -> None:
    """A terminal colours the mark, which stands in the line."""
    marked = {line.text.split()[0]: line.state for line in lines(DIAGNOSIS, 80) if line.state}
    states = {"✗": State.PROBLEM, "!": State.WARNING, "·": State.NOTE, "✓": State.OK}
    assert marked == states


def test_nothing_wrong_is_said() -> None:
    """Nobody has to infer it; and who was asked, or that nobody was."""
    well = [line.text for line in lines(Diagnosis(FOUND[:2], NOW, asked=("B",)), None)]
    assert well[0] == "codefare doctor · nothing is wrong"
    assert "B. None of your code was sent." in well[-1]
    alone = [line.text for line in lines(Diagnosis(FOUND[:1], NOW), 80)]
    assert "for want of a key" in alone[-1]
    assert lines(Diagnosis((), NOW, offline=True), 80)[-1].text == "Nobody was asked."


def test_data_keeps_its_shape() -> None:
    """Scripts rely on it."""
    data = diagnosis_json(DIAGNOSIS)
    assert list(data) == [
        "version",
        "checked_at",
        "offline",
        "asked",
        "state",
        "counts",
        "findings",
    ]
    assert data["checked_at"] == "2026-11-26T12:00:00+00:00"
    assert data["counts"] == {"problem": 1, "warning": 1, "note": 1, "ok": 2}
    assert data["state"] == "problem"
    assert data["findings"][1] == {
        "id": "provider.c.key",
        "group": "providers",
        "subject": "C key",
        "state": "note",
        "text": "not set",
        "remedy": "Set C_API_KEY.",
    }


def test_markdown_makes_no_link_of_a_servers_words() -> None:
    """Nor HTML."""
    text = markdown(DIAGNOSIS)
    assert text.startswith("# codefare doctor\n\n1 problem, 1 warning.\n\n## Providers\n")
    assert "](" not in text
    assert "<b>" not in text
    assert "  → Check that A_API_KEY" in text
