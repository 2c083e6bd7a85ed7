"""What is played in a real Neovim: for each action the way to it, and what must come of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.editors.neovim import Step

SHOP = '''\
"""A small shop."""


def total(prices):
    result = 0
    for price in prices:
        result = result + price
    return result


def is_rich(prices):
    return total(prices) > 1000
'''
LOOP = """\
    result = 0
    for price in prices:
        result = result + price
    return result
"""
SUM = "    return sum(prices)\n"
ITEM = "\n\nclass Item:\n    price: int\n"


@dataclass(frozen=True)
class Scene:
    """An action in a file: the steps to it, what the model answers, the file that comes of it.

    `asked` are parts of the last prompt, for `model`, if it matters which. With `held` the model waits for the step
    "go"; `undone` is what one undo leaves, if not the file as it was; `told` are the beginnings of what the user is
    told. `tests` and `tested` are the test file of the file, before and after.
    """

    steps: list[Step]
    answers: tuple[str, ...] = ()
    after: str = SHOP
    asked: tuple[str, ...] = ()
    model: str = ""
    held: bool = False
    undone: str = SHOP
    told: tuple[str, ...] = ()
    tests: str = ""
    tested: str = ""


def fenced(code: str) -> str:
    """An answer that is code."""
    return f"```python\n{code}```\n"


TOTAL: Step = ["cursor", 5, 5]  # inside of the function
NOWHERE: Step = ["cursor", 2, 1]
TOLD: Step = ["diagnose", 5, 5, 11, "result could be a sum", "linter", "W42"]
NO_MORE: Step = ["diagnose", 5]
FIX: list[Step] = [TOTAL, TOLD, ["choose", "Fix “result could be a sum” · ", "Codefare"]]
MORE: Step = ["choose", "codefare: other models, your own words"]
SHORT = fenced(f"def total(prices):\n{SUM}")
SHORTER = SHOP.replace(LOOP, SUM)
SAID: Step = ["type", "use the built-in one"]
AGREED: Step = ["pick", "Run"]  # words make it dearer than the menu said
WORDS = ("What is wanted: use the built-in one",)
# The model answers when its code is another one already.
OVERTAKEN: list[Step] = [
    TOTAL,
    ["choose", "Refactor total · "],
    ["status", "Refactor total"],
    ["command", "7s/price/each/"],
    ["hover"],  # with any request, Neovim tells the server what was typed
    ["go"],
]
REMARK = """\
```json
[{
  "line": 3, "code": "    for price in prices:", "severity": "warning",
  "message": "The loop is a sum.", "advice": "Call sum()."
}]
```
"""
REVIEWED: list[Step] = [TOTAL, ["choose", "Review total · "], ["found", 1], ["cursor", 6, 5]]
SHORTENED: Step = ["text", "return sum"]
TYPED = SHOP.replace("result + price", "result + each")

EDITED: list[Step] = [
    ["changed"],
    ["status", ""],
    ["command", "write"],
    ["command", "undo"],
    ["buffer"],
]
REPORTED: list[Step] = [["shown", ".md"], ["buffer"], ["command", "only"]]

EDITS: Mapping[str, Scene] = {
    "refactor": Scene([TOTAL, ["choose", "Refactor total · "]], (SHORT,), SHORTER),
    "optimise": Scene([TOTAL, ["choose", "Optimise total · "]], (SHORT,), SHORTER),
    "selection": Scene(
        [["choose", "Refactor the selection · ", "5,8Codefare"]], (fenced(SUM),), SHORTER
    ),
    "words": Scene(
        [TOTAL, ["command", "CodefareAsk refactor use the built-in one"]], (SHORT,), SHORTER, WORDS
    ),
    "words_asked_for": Scene(
        # While the question is open, the editor serves the user.
        [TOTAL, ["command", "CodefareAsk refactor"], ["hover"], SAID],
        (SHORT,),
        SHORTER,
        WORDS,
    ),
    "words_from_the_menu": Scene(
        [TOTAL, MORE, ["pick", "Refactor total"], ["pick", "In your own words"], SAID, AGREED],
        (SHORT,),
        SHORTER,
        WORDS,
    ),
    "another_model": Scene(
        [TOTAL, MORE, ["pick", "Refactor total"], ["pick", "GPT-5.6 Sol"]],
        (SHORT,),
        SHORTER,
        model="gpt-5.6-sol",
    ),
    "generate": Scene(
        [
            ["command", "5s/result =.*/pass  # TODO: add them up/"],
            ["hover"],
            ["cursor", 5, 12],
            ["choose", "Generate “add them up” · "],
            ["text", "result = 0"],
        ],
        (fenced("    result = 0\n"),),
        SHOP,
        undone=SHOP.replace("result = 0", "pass  # TODO: add them up"),
    ),
    "document": Scene(
        [TOTAL, ["choose", "Document total · "]],
        (fenced('"""Add prices up."""\n'),),
        SHOP.replace(LOOP, f'    """Add prices up."""\n{LOOP}'),
    ),
    "fix": Scene(
        [*FIX, SHORTENED, NO_MORE, ["told", "gone"]],
        (SHORT,),
        SHORTER,
        ("What a tool says of it (linter W42)", "result could be a sum"),
        told=("Fix “result could be a sum”: gone.",),
    ),
    "fix_that_was_none": Scene(
        [
            *FIX,
            ["text", "n ="],
            TOLD,
            ["pick", "Try again · "],
            SHORTENED,
            NO_MORE,
            ["told", "gone"],
        ],
        (fenced(f"def total(prices):\n    n = 0\n{LOOP}"), SHORT),
        SHORTER,
        ("Your last answer could not be used", "result could be a sum", "n = 0"),
        told=("Fix “result could be a sum”: gone.",),
    ),
    "fix_of_a_finding": Scene(
        [*REVIEWED, ["choose", "Fix “The loop is a sum. Call sum().” · ", "Codefare"]],
        (REMARK, SHORT),
        SHORTER,
        ("The loop is a sum.",),
        told=("Review total: 1 finding · GPT-5.6 Sol · ",),
    ),
    "boilerplate": Scene(
        [
            ["command", "$put =['', '', 'class Item:', '    price: int']"],
            ["hover"],
            ["cursor", 15, 8],
            ["choose", "Add a constructor to Item · "],
            ["text", "self.price"],
        ],
        (fenced("def __init__(self, price: int):\n    self.price = price\n"),),
        f"{SHOP}{ITEM}\n    def __init__(self, price: int):\n        self.price = price\n",
        undone=f"{SHOP}{ITEM}",
    ),
    "own_action": Scene([TOTAL, ["choose", "Shorten total · "]], (SHORT,), SHORTER),
    "asked_again": Scene(
        [TOTAL, ["choose", "Refactor total · "], ["pick", "Run again with the failure explained"]],
        ("It is fine as it is.", SHORT),
        SHORTER,
        ("The answer holds no code block.",),
    ),
    "applied_anyway": Scene(
        [*OVERTAKEN, ["pick", "Apply anyway"], SHORTENED],
        (SHORT,),
        SHORTER,
        held=True,
        undone=TYPED,
    ),
    "applied_later": Scene(
        [*OVERTAKEN, ["pick", ""], ["choose", "Apply the answer · Refactor total · "], SHORTENED],
        (SHORT,),
        SHORTER,
        held=True,
        undone=TYPED,
    ),
    "asked_on_the_new_text": Scene(
        [
            *OVERTAKEN,
            ["pick", "Run again on the text as it is"],
            ["status", "Refactor total"],
            ["go"],
            SHORTENED,
        ],
        (SHORT, SHORT),
        SHORTER,
        ("result + each",),
        held=True,
        undone=TYPED,
    ),
}
REPORTS: Mapping[str, Scene] = {
    "explain": Scene([TOTAL, ["choose", "Explain total · "]], ("Adds prices up.",), asked=(LOOP,)),
    "explain_selection": Scene(
        [["choose", "Explain the selection · ", "6,7Codefare"]],
        ("A plain loop.",),
        asked=("What to explain: the selected lines",),
    ),
    "explain_file": Scene(
        [NOWHERE, ["choose", "Explain explain_file.py · "]], ("A shop.",), asked=(SHOP,)
    ),
    "explain_diagnostic": Scene(
        [TOTAL, TOLD, ["choose", "Explain “result could be a sum” · ", "Codefare"]],
        ("It is a sum.",),
        asked=("What a tool says of it (linter W42)", "result could be a sum"),
    ),
    "research": Scene(
        [TOTAL, ["command", "CodefareAsk research"], ["type", "why no sum?"]],
        ("There is no reason.",),
        asked=("What is wanted: why no sum?",),
    ),
    "research_in_a_comment": Scene(
        [
            ["command", "5s/$/  # why not use sum here?/"],
            ["hover"],
            ["cursor", 5, 20],
            ["choose", "Research “why not use sum here?” · "],
        ],
        ("There is no reason.",),
        asked=("What is wanted: why not use sum here?",),
    ),
    "research_from_the_menu": Scene(
        [TOTAL, MORE, ["pick", "Ask a question about it"], ["type", "why no sum?"]],
        ("There is no reason.",),
        asked=("What is wanted: why no sum?",),
    ),
}
OTHERS: Mapping[str, Scene] = {
    "review": Scene(
        [*REVIEWED, ["choose", "Dismiss “The loop is a sum.”", "Codefare"], ["found", 0]], (REMARK,)
    ),
    "typing": Scene(
        [
            TOTAL,
            ["choose", "Refactor total · "],
            ["status", "Refactor total"],
            ["insert", 7, "  # slow"],
            ["pick", "Discard"],
            ["buffer"],
        ],
        (SHORT,),
        held=True,
    ),
    "shown_before": Scene(
        [TOTAL, MORE, ["pick", "Refactor total"], ["pick", "Show what would be sent"], *REPORTED]
    ),
    "difference": Scene(
        [*OVERTAKEN, ["pick", "Show the difference"], *REPORTED], (SHORT,), held=True
    ),
    "discarded": Scene(
        [*OVERTAKEN, ["pick", "Discard"], ["choose", ""], ["buffer"]], (SHORT,), held=True
    ),
}
TEST = "def test_nothing_costs_nothing():\n    assert total([]) == 0\n"
ONE = "def test_one_price_is_the_total():\n    assert total([3]) == 3\n"
NEW_TESTS: Mapping[str, Scene] = {
    "tested": Scene(
        [TOTAL, ["choose", "Write tests for total · "]],
        (fenced(f"from tested import total\n\n\n{TEST}"),),
        tested=f"from tested import total\n\n\n{TEST}",
    ),
    "tested_more": Scene(
        [TOTAL, ["choose", "Write tests for total · "]],
        (fenced(f"from tested_more import total\n\n\n{TEST}"),),
        asked=("def test_one",),
        tests=f"from tested_more import total\n\n\n{ONE}",
        tested=f"from tested_more import total\n\n\n{ONE}\n\n{TEST}",
    ),
}
