"""Which secrets are found in code, what only looks like one, and how long it takes to tell."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import pytest
from tests.gate.corpus import LOOK_ALIKES, SECRETS, Sample, drawn

from codefare.gate import Cleared
from codefare.gate.names import lowered
from codefare.gate.scan import secrets_in
from codefare.tasks.prompt import Part, Prompt

if TYPE_CHECKING:
    from collections.abc import Callable


def prompt(*texts: str, system: str = "Be careful.") -> Prompt:
    """A prompt of these parts."""
    parts = tuple(Part(f"part {number}", text) for number, text in enumerate(texts, 1))
    return Prompt("refactor", "refactor@1", system, parts, 1, 2, 3, 4)


@pytest.mark.parametrize("sample", SECRETS, ids=lambda sample: sample.name)
def test_secrets_are_taken_out_and_put_back(sample: Sample) -> None:
    """No secret of the corpus is left in what is sent, nothing is found in it again, and all of it comes back."""
    cleared = Cleared(prompt(sample.text))
    sent = cleared.parts[0].text
    assert [secret for secret in sample.secrets if secret in cleared.user] == []
    assert secrets_in(sent) == ()
    assert cleared.restored(sent) == sample.text


@pytest.mark.parametrize("sample", LOOK_ALIKES, ids=lambda sample: sample.name)
def test_what_only_looks_like_a_secret_stays(sample: Sample) -> None:
    """Hashes, ids, images, types, names and examples are sent as they are, and nothing is added to the prompt."""
    cleared = Cleared(prompt(sample.text))
    assert cleared.user == sample.text
    assert cleared.removed == ()


def test_recall_and_false_alarms(record_property: Callable[[str, object], None]) -> None:
    """The figures of the corpus, for whoever changes the rules."""
    found = sum(len(Cleared(prompt(sample.text)).removed) > 0 for sample in SECRETS)
    alarms = sum(len(Cleared(prompt(sample.text)).removed) > 0 for sample in LOOK_ALIKES)
    record_property(
        "told",
        f"secrets: {found} of {len(SECRETS)} found, {alarms} false alarms in {len(LOOK_ALIKES)} look-alikes",
    )
    assert len(SECRETS) >= 60
    assert len(LOOK_ALIKES) >= 60
    assert found == len(SECRETS)
    assert alarms == 0


HOSTILE = {
    "keyword": "token = ",
    "keyword and quote": 'password("',
    "escapes": 'password="\\',
    "start of a key": "-----BEGIN RSA PRIVATE KEY-----\n",
    "end of a key": "-----END PRIVATE KEY-----\nAAAAAAA\n",
    "web token": "eyJ" + "a" * 1999 + ".",
    "web tokens": "eyJaaaaaaaaaaaa.",
    "form": "sk-",
    "address": "://" + "a" * 99 + ":" + "b" * 199,
    "bare value": "secret: a1/",
    "long value": 'password="' + "$" * 400 + '0"',
    "name": "token=" + "a" * 60 + ".",
    "spaces": "password" + " " * 60,
    "placeholder": "CODEFARE_SECRET_1 ",
    "one letter": "A",
    "secrets": 'password="hunter2a"\n',
}


@pytest.mark.parametrize("name", list(HOSTILE))
def test_no_text_takes_long(name: str) -> None:
    """Twice as long a line takes about twice as long, whatever it is made of."""
    piece = HOSTILE[name]

    def seconds(length: int) -> float:
        text = piece * (length // len(piece))
        best = float("inf")
        for _ in range(2):
            before = time.process_time()
            secrets_in.__wrapped__(text)
            best = min(best, time.process_time() - before)
        return best

    once, four_times = seconds(20_000), seconds(80_000)
    assert four_times < 10 * once + 0.05


def test_two_megabytes_in_one_line() -> None:
    """A secret in the middle of a line of two million characters is found."""
    secret = drawn("middle", 24)
    filling = "x = y0; " * 125_000
    text = f'{filling}password = "{secret}"; {filling}'
    (found,) = secrets_in(text)
    assert text[found.start : found.end] == secret


def test_small_letters_keep_their_places() -> None:
    """Each character has one small form in its place: what is found there is what stands there."""
    every = "".join(map(chr, range(1, sys.maxunicode + 1)))
    assert len(lowered(every)) == len(every)
    text = 'İİİ "ß" password = "hunter2!"'
    (found,) = secrets_in(text)
    assert text[found.start : found.end] == "hunter2!"


def test_a_secret_that_is_put_together_is_not_found() -> None:
    """What no text holds in one piece cannot be seen: this is known, and said in the documentation."""
    assert secrets_in('password = "hun" + "ter" + "2"') == ()


@pytest.mark.parametrize(
    ("value", "secret"),
    [
        ("hunter2-correct-horse", True),
        ("blue_kite7_over_hills", True),
        ("form-password-2", False),
        ("sha256-of-it", False),
        ("utf8-general-ci", False),
        ("forgot-password-link", False),
    ],
)
def test_a_passphrase_with_a_number_in_it_is_a_password(value: str, *, secret: bool) -> None:
    """Words alone are not, nor a counted name: code is full of both."""
    found = secrets_in(f'password = "{value}"\n')
    assert bool(found) == secret
