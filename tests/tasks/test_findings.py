"""Reading a review: each remark on the line it quotes, never elsewhere, and nothing made of what is no review."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.effort import calls

from codefare.source.diagnostic import Severity
from codefare.source.target import Span
from codefare.tasks.findings import MOST, read_diff_findings, read_findings
from codefare.tasks.outcome import Finding, Findings, Refused
from codefare.tasks.templates import template

TEXT = "import os\n\n\ndef f(a):\n    b = a\n    return 1 / b\n\n\ndef g(a):\n    b = a\n    return b\n"
WHOLE = Span(0, len(TEXT))


def answer(*items: dict[str, Any], label: str = "json") -> str:
    """An answer as the prompt asks for it."""
    return f"```{label}\n{json.dumps(list(items))}\n```\n"


def remark(code: str = "", line: object = None, message: str = "Wrong.", **more: Any) -> Any:
    """One object of an answer."""
    return {"line": line, "code": code, "message": message, **more}


def read(text: str, answered: str, span: Span | None = None) -> tuple[Finding, ...]:
    """The findings of an answer that can be read."""
    found = read_findings(answered, "Review f", text, span or Span(0, len(text)))
    assert isinstance(found, Findings), found
    return found.items


def line_of(finding: Finding, text: str = TEXT) -> int:
    """The line of a finding, from 1."""
    return text.count("\n", 0, finding.span.start) + 1


def test_an_answer_as_it_was_asked_for() -> None:
    """A finding has the place, the code, the severity and the words of its object."""
    asked = remark("    return 1 / b", 6, "Fails for 0.", severity="error", advice="Check it.")
    found = read_findings(answer(asked), "Review f", TEXT, WHOLE)
    start = TEXT.index("return 1")
    assert found == Findings(
        "Review f",
        (
            Finding(
                None,
                Span(start, start + 12),
                "return 1 / b",
                Severity.ERROR,
                "Fails for 0.",
                "Check it.",
            ),
        ),
    )


@pytest.mark.parametrize(
    "text",
    [
        "```json\n[]\n```",
        "```\n[]\n```",
        "[]",
        '```json\n{"findings": []}\n```',
        "All is well.\n\n```json\n[]\n```\nNothing to report.",
        "[]\n",
    ],
)
def test_an_empty_list_means_that_the_code_is_well(text: str) -> None:
    """No findings is an answer, not a failure."""
    assert read_findings(text, "t", TEXT, WHOLE) == Findings("t", ())


@pytest.mark.parametrize(
    "text",
    [
        '```json\n[{"message": "Wrong."}]\n```',
        '```JSON\n[{"message": "Wrong."},]\n```',
        '```json\n[{"message": "Wrong.",},]\n```',
        '```jsonc\n[{"message": "Wrong."}]',
        '~~~json\n[{"message": "Wrong."}]\n~~~',
        '```\r\n[{"message": "Wrong."}]\r\n```\r\n',
        '[{"message": "Wrong."}]',
        'Here you are:\n[{"message": "Wrong."}]\nI hope that helps [a lot.',
        '```json\n{"issues": [{"message": "Wrong."}], "count": 1}\n```',
        '```json\n{"message": "Wrong.", "code": "x"}\n```',
        '```json\n[{"description": "Wrong."}]\n```',
        '```json\n[{"advice": "Wrong."}]\n```',
        '```json\n[{"message": "Wrong.\n"}]\n```',
        '```json\n[{"message": ["Wrong."]}]\n```',
        '```json\n[{"code": "re.match(\'\\d\')", "message": "Wrong."}]\n```',
        '```json\n[{"message": "Wrong."}, "and more", {"code": "x"}, 7]\n```',
        '```json\n[{"message": "Wrong."}]\n```\nA way out:\n```python\nx = [1]\n```',
        '```json\n[{"message": "Wrong."}]\n```\n```json\n[{"message": "Wrong."}]\n```',
    ],
)
def test_answers_of_cheap_models_are_understood(text: str) -> None:
    """What can mean one thing only is read: prose around, other fences, slips in the JSON, other names."""
    assert [finding.message for finding in read(TEXT, text)] == ["Wrong."]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The code looks fine to me.",
        "- [ ] check f\n[ ] check g",
        "```python\nx = 1\n```",
        "```json\n```",
        "```json\nnull\n```",
        "```json\n17\n```",
        '```json\n[{"code": "x"}]\n```',
        "```json\n[1, 2]\n```",
        '```json\n[{"message": "Wro',
        '```json\n[{"message": "a "quoted" word"}]\n```',
        '```\n[{"message": "a"}]\n```\n```\n[{"message": "b"}]\n```',
        '```json\n[{"message": "Wrong."}]\n```\n```json\noops\n```',
        "```json\n" + "[" * 100_000 + "\n```",
        "```json\n" + "9" * 10_000 + "\n```",
        "x" * 10_000_000,
    ],
)
def test_what_is_no_review_is_refused(text: str) -> None:
    """Garbage, half an answer or several are no finding and no "all is well"; the answer is kept."""
    refused = read_findings(text, "t", TEXT, WHOLE)
    assert isinstance(refused, Refused)
    assert refused.answer == text
    assert refused.remedy
    assert not refused.stands


@pytest.mark.parametrize(
    "text",
    ['```json\n["' + '\\"' * 450_000, "\n" * 900_000, "```json\n" + "[," * 450_000],
    ids=["quotes", "lines", "commas"],
)
def test_no_answer_takes_long_to_read(text: str) -> None:
    """An answer made to be slow is refused within a moment (hours, if each start were tried to the end)."""
    assert isinstance(read_findings(text, "t", TEXT, WHOLE), Refused)


def test_many_remarks_on_a_large_file_do_not_take_long() -> None:
    """Only those that are shown are looked for."""
    text = "".join(f"value_{number} = {number}\n" for number in range(20_000))
    items = [remark("nowhere", number, f"m{number}") for number in range(10_000)]
    assert len(read(text, answer(*items))) == MOST
    shown, many = answer(*items[:MOST]), answer(*items)
    assert calls(lambda: read(text, many)) < 10 * calls(lambda: read(text, shown))


@pytest.mark.parametrize(
    ("code", "line", "expected"),
    [
        ("return 1 / b", None, 6),  # the line
        ("\treturn  1 / b  ", None, 6),  # however it is spaced
        ("b = a", 5, 5),
        ("b = a", 9, 10),  # of several the nearest
        ("b = a", 1, 5),
        ("def g", None, 9),  # a beginning
        ("1 / b", None, 6),  # a part
        ("1 / b", 2, 6),  # a wrong number next to a right quote
        ("return 1...", None, 6),
        ("return 1 …", None, 6),
        ("6: return 1 / b", None, 6),
        ("6 | return 1 / b", None, 6),
        ("+    return 1 / b", None, 6),
        ("return", 11, 11),  # in several lines, one of which is named
        ("return", 5, 5),  # in several, none of which is named: the number
        ("nowhere", 9, 9),
        ("", 9, 9),
        ("", "L9", 9),
        ("", "lines 9-11", 9),
        ("", [9], 1),
        ("", None, 1),
        ("", 2, 1),  # a line without text
        ("", 0, 1),
        ("", -3, 1),
        ("", 99, 1),
        ("", 10**30, 1),
        ("", True, 1),
    ],
)
def test_a_finding_goes_to_the_line_that_it_quotes(code: str, line: object, expected: int) -> None:
    """The quote decides; the number chooses between equal lines, or stands in for the quote."""
    (finding,) = read(TEXT, answer(remark(code, line)))
    assert line_of(finding) == expected


def test_a_quote_of_several_lines() -> None:
    """All of them are the place, whatever blank lines were left out; of a changed one the first."""
    whole = read(TEXT, answer(remark("import os\ndef f(a):\n    b = a")))
    assert [finding.code for finding in whole] == ["import os\n\n\ndef f(a):\n    b = a"]
    half = read(TEXT, answer(remark("def f(a):\n    b = c")))
    assert [finding.code for finding in half] == ["def f(a):"]


def test_lines_count_from_the_target() -> None:
    """A target in the middle of the file has its own numbers, and keeps its findings to itself."""
    start = TEXT.index("def g")
    target = Span(start, start + len("def g(a):\n    b = a"))
    items = [
        remark("b = a", None, "of two one is inside"),
        remark("", 2, "by number"),
        remark("import os", None, "outside"),
        remark("return b", 3, "outside too"),
    ]
    found = read(TEXT, answer(*items), target)
    assert [(line_of(finding), finding.message) for finding in found] == [
        (9, "outside"),
        (9, "outside too"),
        (10, "of two one is inside"),
        (10, "by number"),
    ]


@pytest.mark.parametrize("ending", ["\r\n", "\n", "\r"])
def test_line_endings_and_wide_characters(ending: str) -> None:
    """Spans count code points, and a line ends where the protocol says, not at a form feed."""
    text = f"# 😋\f e\u0301{ending}{ending}x = '🦀' # é{ending}y = 1"
    (finding,) = read(text, answer(remark("x = '🦀' # é", 1)))
    assert text[slice(*finding.span)] == finding.code == "x = '🦀' # é"
    assert [read(text, answer(remark("", n)))[0].code for n in (1, 3, 4)] == [
        "# 😋\f e\u0301",
        "x = '🦀' # é",
        "y = 1",
    ]


WORDS = st.text(max_size=8)
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), WORDS, st.lists(WORDS, max_size=2)
)


# However busy the machine is.
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.text(alphabet="ab =\t\r\n\f\u2028é😋", max_size=40),
    st.lists(
        st.fixed_dictionaries({}, optional=dict.fromkeys(["line", "code", "message"], VALUES)),
        max_size=3,
    ),
    st.data(),
)
def test_a_finding_is_always_inside_of_the_target(
    text: str, items: list[dict[str, Any]], data: st.DataObject
) -> None:
    """Whatever an answer holds, its findings are in the target, and hold the code that is there."""
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    quoted = remark(data.draw(st.sampled_from([text, *text.split()])), 2)
    found = read_findings(answer(quoted, *items), "t", text, Span(start, end))
    assert isinstance(found, Findings)
    for finding in found.items:
        assert start <= finding.span.start <= finding.span.end <= end
        assert finding.code == text[slice(*finding.span)]
        assert 0 < len(finding.message) <= 1_000


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("error", Severity.ERROR),
        ("Critical", Severity.ERROR),
        (" HIGH ", Severity.ERROR),
        ("warning", Severity.WARNING),
        ("medium", Severity.WARNING),
        ("major", Severity.WARNING),
        ("whatever", Severity.WARNING),
        (7, Severity.WARNING),
        (None, Severity.WARNING),
        ("info", Severity.INFORMATION),
        ("low", Severity.INFORMATION),
        ("minor", Severity.INFORMATION),
        ("nitpick", Severity.INFORMATION),
    ],
)
def test_severities(word: object, expected: Severity) -> None:
    """Other scales are understood; a word that is not known is a warning."""
    (finding,) = read(TEXT, answer(remark(severity=word)))
    assert finding.severity is expected


def test_words_are_bounded_and_clean() -> None:
    """No control character, no trick with the writing direction, no half of a character, no endless text."""
    dirty = "a\x00\x1b[31m b\u202e\ud800\r\nc\u2028d"
    (finding,) = read(TEXT, answer(remark(message=dirty, advice=f"{dirty}\n  e"), label="json"))
    assert finding.message == "a[31m b c d"
    assert finding.advice == "a[31m b\nc\nd\n  e"
    (long,) = read(TEXT, answer(remark(message="é" * 5_000, advice="b" * 5_000)))
    assert (len(long.message), len(long.advice)) == (1_000, 1_000)
    assert long.message.endswith("é…")


def test_of_many_the_gravest_are_kept_in_the_order_of_the_code() -> None:
    """Fifty at most; what is repeated counts once."""
    items = [remark("", number % 6 + 1, f"m{number}", severity="low") for number in range(80)]
    items += [remark("return b", None, "grave", severity="error")] * 3
    found = read(TEXT, answer(*items))
    assert len(found) == MOST
    assert [finding.message for finding in found if finding.severity is Severity.ERROR] == ["grave"]
    assert list(found) == sorted(found, key=lambda finding: finding.span)


ROOT = Path("/repo").absolute()
FILES = [
    (ROOT / "gone.py", None),
    (ROOT / "src" / "a.py", "x = 1\ny = 2\n"),
    (ROOT / "lib" / "a.py", "x = 1\nz = 3\n"),
    (ROOT / "b.py", "x = 1\n\nw = 4\n"),
]


@pytest.mark.parametrize(
    ("file", "code", "line", "expected"),
    [
        ("src/a.py", "y = 2", None, ("src/a.py", "y = 2")),
        ("b/lib/a.py", "x = 1", None, ("lib/a.py", "x = 1")),
        ("./b.py", "", 3, ("b.py", "w = 4")),
        ("lib\\a.py", "", 2, ("lib/a.py", "z = 3")),
        ("`b.py`", "", 1, ("b.py", "x = 1")),
        (str(ROOT / "b.py"), "w = 4", None, ("b.py", "w = 4")),
        ("a.py", "z = 3", None, ("lib/a.py", "z = 3")),  # two of that name: by the quote
        ("a.py", "", 2, ("src/a.py", "y = 2")),
        ("c.py", "w = 4", None, ("b.py", "w = 4")),  # no such file: by the quote
        ("", "+z = 3", None, ("lib/a.py", "z = 3")),
        ("/etc/passwd", "root", 1, ("src/a.py", "x = 1")),
        ("../../b.pyc", "x = 1", None, ("src/a.py", "x = 1")),
        ("gone.py", "old", 3, ("src/a.py", "x = 1")),
    ],
)
def test_findings_of_a_diff_stay_in_its_files(
    file: str, code: str, line: int | None, expected: tuple[str, str]
) -> None:
    """A file is taken from the diff alone, by the end of its path or by the line that is quoted."""
    found = read_diff_findings(answer(remark(code, line, file=file)), "t", FILES)
    assert isinstance(found, Findings)
    (finding,) = found.items
    assert (finding.path, finding.code) == (ROOT / expected[0], expected[1])


def test_findings_of_a_diff_are_in_its_order() -> None:
    """By file as the diff has them, then by line."""
    items = [
        remark("x = 1", file="b.py"),
        remark("z = 3", file="lib/a.py"),
        remark("y = 2", file="src/a.py"),
        remark("x = 1", file="src/a.py"),
    ]
    found = read_diff_findings(answer(*items), "t", FILES)
    assert isinstance(found, Findings)
    assert [finding.code for finding in found.items] == ["x = 1", "y = 2", "z = 3", "x = 1"]


def test_a_diff_that_only_deletes() -> None:
    """It may be well; findings on it cannot be pinned to anything, and the answer is shown instead."""
    gone = [(ROOT / "gone.py", None)]
    assert read_diff_findings("[]", "t", gone) == Findings("t", ())
    refused = read_diff_findings(answer(remark()), "t", gone)
    assert isinstance(refused, Refused)
    assert "Wrong." in refused.answer


@pytest.mark.parametrize("name", ["review", "review_diff"])
def test_the_prompts_show_an_answer_that_is_read(name: str) -> None:
    """The example in a prompt is in the form that is asked for, and the prompt's stable part holds no code."""
    text = files("codefare.tasks").joinpath("prompts", f"{name}.md").read_text("utf-8")
    example = text[text.index("[{") : text.index("}]") + 2]
    assert len(read(TEXT, f"```json\n{example}\n```")) == 1
    values = {"language": "Go", "file": "a.go", "subject": "function F"}
    _, user = template(name).fill(values)
    assert user.endswith("function F")
