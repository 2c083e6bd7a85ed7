"""The corpus of answers: each bad one is refused and changes nothing, each good one may be used.

The table of both is printed at the end of the session.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.guard_corpus import cases, opened, outcome, table

from codefare.source.languages import LANGUAGES
from codefare.tasks.outcome import Addition, Edit, NewFile, Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.guard_corpus import Case

GOOD = [case for case in cases() if case.good]
BAD = [case for case in cases() if not case.good]


@pytest.mark.parametrize("case", GOOD, ids=str)
def test_a_good_answer_may_be_used(case: Case) -> None:
    """It is let pass, with a remark where callers may need a change and with none elsewhere."""
    made = outcome(case)
    assert isinstance(made, Edit | NewFile | Addition), made
    assert bool(isinstance(made, Edit) and made.remark) == case.remark, made
    if isinstance(made, Edit):
        document, target = opened(case)
        region = target.region
        assert region.start <= made.span.start
        assert made.span.end <= max(region.end, made.span.start)
        assert not made.new.startswith("```")
        if "\r\n" in document.text:
            assert made.new.count("\n") == made.new.count("\r\n")


@pytest.mark.parametrize("case", BAD, ids=str)
def test_a_bad_answer_is_refused(case: Case) -> None:
    """It comes to a refusal that says why and what to do, and is kept for the user to see."""
    made = outcome(case)
    assert isinstance(made, Refused)
    assert made.reason
    assert made.remedy
    assert made.answer == case.said


def test_the_corpus_is_large_and_covers_every_language(
    record_property: Callable[[str, object], None],
) -> None:
    """Each language has good and bad answers of every action, by hand and by the dozen."""
    for language in LANGUAGES:
        for some, fewest in ((GOOD, 20), (BAD, 60)):
            own = [case for case in some if case.language == language]
            assert len(own) >= fewest, language
            assert {case.action for case in own} == {"refactor", "document", "tests", "add"}
    shown = table()
    record_property("told", f"What the guard lets pass and refuses:\n{shown}")
    good, bad = shown.splitlines()[-2:]
    assert good.split()[1:] == ["good", str(len(GOOD)), "0"]
    assert bad.split()[1:] == ["bad", "0", str(len(BAD))]
