"""What rows say of each other must hold; where it does not, the user is told which row is to blame."""

from collections.abc import Callable

import pytest

Complaint = Callable[[str], list[str]]


@pytest.mark.parametrize(
    ("row", "field", "value", "says"),
    [
        ("models.kimi-k2", "vocabulary", "'kimmi'", "vocabularies: did you mean 'kimi'?"),
        ("models.kimi-k2", "successor", "'zzz'", "models; allowed are claude-opus-4.6, "),
        ("models.kimi-k2", "newer", "'gpt-4.0'", "models: did you mean 'gpt-4o'?"),
        ("actions.explain", "task_type", "'rsearch'", "task_types: did you mean 'research'?"),
        ("actions.explain", "file_task_type", "'testin'", "task_types: did you mean 'testing'?"),
        ("context_classes.long", "models", "['zzz']", "models; allowed are "),
        ("tiers.budget", "models", "[{ model = 'zzz', role = 'r' }]", "models; allowed are "),
        ("task_types.research", "candidates", "[{ model = 'zzz', role = 'r' }]", "models; allowed"),
        ("actions.explain", "task_type", "'docs'", "task_types; allowed are architecture, "),
    ],
)
def test_names_what_is_not_there(
    complaint: Complaint, row: str, field: str, value: str, says: str
) -> None:
    """A name of no row is told with the row that was meant, or with all that there are."""
    [line] = complaint(f"[{row}]\n{field} = {value}")
    assert line.startswith(f"{row}.{field} names '")
    assert f"', which is not in {says}" in line


def test_names_the_provider_of_an_offering(complaint: Complaint) -> None:
    """An offering stands under its provider's id."""
    text = "[models.kimi-k2.offerings.moon]\nwire_id = 'k'\ncontext_window = 2\nmax_output = 1"
    assert complaint(text) == [
        "models.kimi-k2.offerings names 'moon', which is not in providers: did you mean 'moonshot'?"
    ]


def test_a_model_may_not_succeed_itself(complaint: Complaint) -> None:
    """The shortest circle."""
    assert complaint("[models.kimi-k2]\nsuccessor = 'kimi-k2'") == [
        "models.kimi-k2.successor leads back to where it began: kimi-k2 -> kimi-k2"
    ]


def test_a_circle_is_told_from_each_of_its_rows(complaint: Complaint) -> None:
    """The user's own row comes first; the packaged one is told as such."""
    text = '[models."kimi-k2.7-code"]\nretires_at = 2026-12-01\nsuccessor = "kimi-k2"'
    assert complaint(text) == [
        (
            'models."kimi-k2.7-code".successor leads back to where it began: '
            "kimi-k2.7-code -> kimi-k2 -> kimi-k2.7-code"
        ),
        (
            "codefare's own catalog: models.kimi-k2.successor leads back to where it began: "
            "kimi-k2 -> kimi-k2.7-code -> kimi-k2"
        ),
    ]


def test_a_line_that_runs_into_a_circle_is_not_to_blame(complaint: Complaint) -> None:
    """Only the rows in the circle are told, not those that lead to it."""
    text = """
        [models.kimi-k2]
        successor = "deepseek-v3"
        [models.deepseek-flash]
        retires_at = 2027-01-01
        successor = "deepseek-v3"
        """
    told = [line.split(" leads")[0] for line in complaint(text)]
    assert told == [
        "models.deepseek-flash.successor",
        "codefare's own catalog: models.deepseek-v3.successor",
    ]
