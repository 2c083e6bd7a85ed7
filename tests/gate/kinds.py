"""Samples of the kinds of secrets that public rule lists of scanners name, and of how code and files hold them.

Each line of `kinds.txt` is a kind, a tab and a text: `«…»` marks what must not be sent, `{a36}` is drawn by lot (so
many signs of a kind), `{p}` is a password. They were written without a look at the rules, so that they can fail.
"""

from __future__ import annotations

import random
import re
import string
from pathlib import Path

from tests.gate.corpus import Sample

_DIGITS, _HEX = string.digits, "0123456789abcdef"
_SMALL, _CAPITAL = string.ascii_lowercase + _DIGITS, string.ascii_uppercase + _DIGITS
_ANY = string.ascii_letters + _DIGITS
_SIGNS = {
    "d": _DIGITS,
    "h": _HEX,
    "l": _SMALL,
    "u": _CAPITAL,
    "k": f"{string.ascii_uppercase}234567",
    "t": string.ascii_letters,
    "a": _ANY,
    "w": f"{_ANY}-_",
    "b": f"{_ANY}+/",
    "c": f"{_ANY}./",
    "s": f"{_ANY}!@#%^&*(-_=+)",
}
_HOLE = re.compile(r"\{([a-z])(\d+)\}|\{p\}")
_MARK = re.compile("«(.*?)»", re.DOTALL)


def kinds(seed: int) -> list[Sample]:
    """All of them; another seed draws others."""
    lots = random.Random(seed)  # noqa: S311  nobody has to be unable to guess it

    def drawn(hole: re.Match[str]) -> str:
        if hole[0] == "{p}":
            return "Tr0ub4dor" + "".join(lots.choices(string.ascii_letters, k=3))
        return "".join(lots.choices(_SIGNS[hole[1]], k=int(hole[2])))

    samples = []
    for line in Path(__file__).with_suffix(".txt").read_text("utf-8").splitlines():
        name, _, written = line.partition("\t")
        text = _HOLE.sub(drawn, written)
        text = re.sub(r"\\(.)", lambda sign: "\n" if sign[1] == "n" else sign[1], text)
        samples.append(Sample(name, _MARK.sub(r"\1", text), tuple(_MARK.findall(text))))
    return samples
