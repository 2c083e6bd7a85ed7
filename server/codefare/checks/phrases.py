"""The phrases that stand for code that was left out: `rest of the code unchanged`, `your code here`."""

from __future__ import annotations

import re
from enum import IntEnum

_SHORT = 90  # characters; what is longer says something
_FEW_WORDS = 8
_DOTS = r"(?:\.{3,}|…|\u22ef)"
_EDGE = " \t.…\u22ef-—–=*~<>[]{}()\"'`:;,!_#/"  # what may stand around a phrase
_INSIDE = re.compile(r"[()\[\]<>{}`\"':;,]| [-–—] ")

_WHICH = (
    r"(?:existing|original|previous|other|remaining|current|old|prior|additional|more|further|same)"
)
_CODE = (
    r"(?:(?:source )?code|implementation|logic|code block"
    r"|(?:function|method|class) (?:body|implementation|code|logic))"
)
_UNIT = (
    r"(?:functions?|methods?|class(?:es)?|imports?|tests?|test cases?|helpers?|functionality"
    r"|assertions?|module|program)"
)
_DATA = (
    r"(?:file|script|lines?|cases?|checks?|validation|entries|items|elements|options|steps|body"
    r"|conditions|parameters|arguments|attributes|variables?|constants?|types?|content|text"
    r"|processing|operations|fields?|members?|properties|handlers?|routes?|components?|setup"
    r"|statements?|declarations?|definitions?|branches)"
)
_KEPT = (
    r"(?:(?:(?:will|should|can|must) )?(?:remains?|stays?|is|are|was|be|kept|keeps?|goes|go|left|continues?) )?"
    r"(?:exactly |completely |all )?"
    r"(?:unchanged|unmodified|untouched|unaltered|(?:the )?same(?: as (?:before|above|original|in the original"
    r"|the original|it was))?|as (?:is|before|above|it was|in the original|originally)|identical|here|below|above"
    r"|omitted|not shown)(?: here)?"
)
_LEFT_OUT = r"(?:omitted|elided|truncated|abbreviated|skipped|shortened|removed|left out|not shown|snipped|cut)"
_REASON = r"(?:brevity|clarity|conciseness|simplicity|space|length|readability)"
_TO_DO = r"(?:todo |fixme )?"
_WRITE = r"(?:insert|put|add|write|place|implement|fill in|complete|paste)"
_ARTICLES = r"(?:(?:the|your|all|any|some|and|with|my|our|its|this|of) )*"

_SURE_ONES = (
    (
        rf"(?:the |and |with )?(?:rest|remainder) of {_ARTICLES}(?:{_WHICH} )?(?:\w+ )?"
        rf"(?:{_CODE}|{_UNIT}|component)(?: {_KEPT})?"
    ),
    rf"{_ARTICLES}(?:{_WHICH} )+{_CODE}(?: {_KEPT})?",
    rf"{_ARTICLES}{_WHICH} {_UNIT} {_KEPT}",
    (
        rf"{_TO_DO}(?:please )?(?:{_WRITE} )?"
        rf"(?:(?:the|your|actual|real|own|more|any|some|main|custom|new|business|{_WHICH}) )*"
        rf"(?:\w+ )?(?:{_CODE}|{_UNIT}) (?:(?:should )?go(?:es)? |comes )?here"
    ),
    rf"(?:{_WRITE} )?your (?:own )?(?:\w+ )?{_DATA} (?:goes |go )?here",
    rf"{_TO_DO}{_WRITE} (?:the |your |this |actual |{_WHICH} )*{_CODE}",
    r"(?:todo|fixme) (?:implement|fill in|complete)(?: .{0,40})?",
    r"implement (?:me|this|this \w+)",
    rf"{_ARTICLES}(?:your|actual|real) (?:own )?{_CODE}",
    rf".{{0,60}}\b{_LEFT_OUT}\b.{{0,20}}\bfor {_REASON}",
    rf"{_ARTICLES}(?:{_WHICH} )*(?:{_CODE}|{_UNIT}|rest|details) (?:is |are )?{_LEFT_OUT}(?: here)?",
    rf"(?:same|identical|unchanged|unmodified) {_CODE}(?: as (?:in )?(?:the )?(?:before|above|original))?",
    rf"{_CODE} {_KEPT}",
    (
        rf"(?:keep|leave|retain|preserve|copy) {_ARTICLES}(?:rest(?: of {_ARTICLES}(?:{_CODE}|{_UNIT}))?"
        rf"|{_WHICH} (?:{_CODE}|{_UNIT}))(?: {_KEPT})?"
    ),
    rf"lines? \d+ ?(?:-|to|–) ?\d+ {_KEPT}",
    r"(?:der )?rest (?:des codes|der (?:funktion|methode|klasse|datei))(?: bleibt)?(?: unverändert| gleich)?",
    r"(?:restlicher|bestehender|vorhandener|ursprünglicher|bisheriger) code(?: hier)?",
    r"(?:le )?reste du code(?: reste)?(?: inchangé)?|code existant",
    r"(?:el )?resto del código(?: sin cambios)?|código existente",
)
_SURE = re.compile("|".join(_SURE_ONES))
_HEAD = re.compile(
    "|".join(
        (
            rf"(?:the |and )?(?:rest|remainder)(?: of {_ARTICLES}(?:\w+ ){{0,2}}\w+)?",
            rf"{_ARTICLES}(?:{_WHICH} )+(?:{_UNIT}|{_DATA})(?: follow)?",
            r"and so (?:on|forth)|etc|continued?(?: (?:here|as before|below))?|implementation|todo",
        )
    )
)
_LOOSE = re.compile(
    "|".join(
        (
            rf"(?:the |and )?(?:rest|remainder)(?: of {_ARTICLES}(?:\w+ ){{0,2}}\w+)? {_KEPT}",
            rf"{_ARTICLES}(?:{_WHICH} )+(?:{_UNIT}|{_DATA}) {_KEPT}",
            rf"(?:{_UNIT}|{_DATA}) {_KEPT}",
            r"(?:remains? |stays? |is |left )?(?:unchanged|unmodified|untouched)(?: here)?",
            r"(?:bleibt )?unverändert",
            r"no changes?(?: (?:here|needed|required|made))?",
            r"(?:the )?same(?: as (?:before|above|the original|in the original|original))|as (?:before|above|is)",
            r"identical to (?:the )?(?:original|before)|see (?:above|original)",
            r"snip|snipped|truncated|omitted|abridged|elided",
        )
    )
)
_TELLING = re.compile(
    r"\b(?:unchanged|existing|omitted|remaining|brevity|as before|rest of|same as|unmodified)\b"
)
_LEADING = re.compile(rf"[<\[({{\s]*{_DOTS}")
_TRAILING = re.compile(rf"{_DOTS}[>\])}}\s]*\Z")


class Weight(IntEnum):
    """How surely a text stands for code that was left out."""

    NONE = 0
    HEAD = 1  # it may also head what follows
    LOOSE = 2  # it may also speak of the program's own data
    DOTS = 3  # nothing but an ellipsis
    SURE = 4
    MARKED = 5  # and it is led in by an ellipsis: no sentence goes on like this


def weigh(text: str) -> Weight:
    """How surely one line, without the marks of its comment, stands for code that was left out."""
    bare = text.strip()
    leads, trails = bool(_LEADING.match(bare)), bool(_TRAILING.search(bare))
    core = " ".join(_INSIDE.sub(" ", bare.strip(_EDGE)).lower().split())
    core = " ".join(core.replace("...", " ").replace("…", " ").split())
    if not core:
        return Weight.DOTS if leads else Weight.NONE
    if len(core) > _SHORT:
        return Weight.NONE
    if _SURE.fullmatch(core):
        return Weight.MARKED if leads else Weight.SURE
    words = core.count(" ") + 1
    heads = _HEAD.fullmatch(core) is not None
    loose = heads or _LOOSE.fullmatch(core) is not None
    spans = leads and trails and words <= _FEW_WORDS
    if spans or (leads and (loose or (_TELLING.search(core) and words <= _FEW_WORDS))):
        return Weight.MARKED
    if loose:
        return Weight.SURE if trails else Weight.HEAD if heads else Weight.LOOSE
    return Weight.NONE
