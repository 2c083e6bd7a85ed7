"""Which secrets are found in code, what only looks like one, and how long it takes to tell."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

import pytest
from tests.gate.corpus import LOOK_ALIKES, SECRETS, Sample, drawn
from tests.gate.kinds import kinds

from codefare.gate import Cleared
from codefare.gate.names import lowered
from codefare.gate.scan import secrets_in
from codefare.tasks.prompt import Part, Prompt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


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


def test_the_kinds_that_scanners_know_are_found(
    record_property: Callable[[str, object], None],
) -> None:
    """Of each kind that public rule lists name, wherever code and files hold it; and all of it comes back."""
    samples = kinds(1)
    missed = []
    for sample in samples:
        cleared = Cleared(prompt(sample.text))
        if any(secret in cleared.user for secret in sample.secrets):
            missed.append(sample.name)
        assert cleared.restored(cleared.parts[0].text) == sample.text, sample.name
    record_property("told", f"secrets of kinds that scanners know: {len(samples)}, {missed} missed")
    assert len(samples) >= 400
    assert all(sample.secrets for sample in samples)
    assert missed == []


NOT_FOUND = {
    "a weak word": 'db_password = "sunflower"',
    "a column": "INSERT INTO users (name, password) VALUES ('bob', 'hunter2x');",
    "prose": '"""Log in with admin / hunter2x (password)."""',
    "short pieces": 'password = "hun" + "ter" + "2"',
}


@pytest.mark.parametrize("name", list(NOT_FOUND))
def test_what_cannot_be_told_from_code_is_not_found(name: str) -> None:
    """This is known, and said in the documentation: whoever changes it changes that, too."""
    assert secrets_in(NOT_FOUND[name]) == ()


def test_pieces_of_a_secret_are_found() -> None:
    """What code puts together from literals is one secret in pieces, also if only the whole has a known form."""
    half, other = drawn("half", 18), drawn("other", 18)
    for text in (
        f'api_key = "{half}" + "{other}"',
        f'x = call("ghp_{half}"\n    "{other}")',
        f'api_key = "".join(["{half}", "{other}"])',
    ):
        cleared = Cleared(prompt(text))
        assert half not in cleared.user, text
        assert other not in cleared.user, text
        assert cleared.restored(cleared.parts[0].text) == text


@pytest.fixture
def minutes() -> Iterator[None]:
    """A test that takes minutes fails; what it does takes a second at most."""

    def give_up(*_: object) -> None:
        pytest.fail("it takes minutes")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(60)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


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
    "bare and long": "token=" + "a1B/" * 100,
    "apart": "password\n      value: ",
    "default": 'password" {' + "a" * 190,
    "pieces": '"ab" + ',
    "joined": 'password = "".join(["a1", ',
    "long words": "ghp_" * 10,
    "marks": "0" * 20 + "-us",
    "manifest": "kind: Secret\ndata:\n  a: b\n",
    "entries": "kind: Secret\ndata:\n" + "  a: bbbbbbbb\n" * 100,
    "cookies": "Cookie: a=b;",
    "command": "mysql -u root ",
    "call": "getConnection(a, ",
    "compared": '"a.equals(' * 3,
    "file of hosts": "a:5432:b:c",
    "section": "[a]\npassword = abc",
    "hash": "$6$" + "a" * 40,
    "sentence": "mnemonic: a b c d e f g h",
}


@pytest.mark.parametrize("name", list(HOSTILE))
def test_no_text_takes_long(name: str, minutes: None) -> None:
    """Whatever it is made of: were the steps to grow with the square of the length, it would take minutes."""
    piece = HOSTILE[name]
    secrets_in(piece * (200_000 // len(piece)))


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
