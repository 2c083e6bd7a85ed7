"""Document: the documentation comment of a definition in its language's convention."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from codefare.errors import TargetError
from codefare.providers.offline.docparts import parts_of
from codefare.providers.offline.docstring import docstring
from codefare.providers.offline.layout import wrapped
from codefare.providers.offline.outcomes import split_results
from codefare.providers.offline.reasons import Reasons, code
from codefare.providers.offline.tags import tagged, undented
from codefare.source.doctext import bare_text

if TYPE_CHECKING:
    from codefare.providers.offline.docparts import Parts
    from codefare.source.facts import Outline

_WIDTH = 84
_CODE = re.compile(r"`([^`]*)`")


def comment(outline: Outline) -> str:
    """The comment or docstring with its delimiters, from column 0, with line feeds.

    What an existing one says is kept; if nothing is missing it comes back as it is.

    Raises:
        TargetError: A namespace or an implementation block has no documentation of its own.
    """
    if outline.kind in ("module", "namespace", "impl") and outline.language != "ruby":
        raise TargetError(
            f"This {outline.kind} has no documentation of its own: its members have.",
            remedy="Put the cursor in a function or class and run the action again.",
        )
    parts = parts_of(outline)
    if outline.language == "python":
        return docstring(outline, parts)
    if outline.language == "go":
        return _go(outline, parts)
    if outline.language == "rust":
        return _rust(outline, parts)
    if outline.language == "csharp":
        return _xml(outline, parts)
    return tagged(outline, parts)


def _lines(text: str, marker: str) -> list[str]:
    if not text:
        return [marker]
    return [f"{marker} {line}" for line in wrapped(text, _WIDTH - len(marker))]


def _go(outline: Outline, parts: Parts) -> str:
    """Go: sentences, of which the first begins with the name; no markup for code."""
    old = bare_text(outline.doc, "go")
    sentences: list[str] = []
    if not old:
        summary = parts.summary[:1].lower() + parts.summary[1:]
        summary = re.sub(r"\Areturns whether\b", "reports whether", summary)
        verb = "" if outline.is_callable else "is "
        sentences.append(f"{outline.name} {verb}{summary}")
    if parts.failures and not re.search(r"\berrors?\b", old):
        sentences.append(f"It returns an error {parts.failures}.")
    if parts.panics and "panic" not in old:
        sentences.append(f"It panics {_clause(parts.panics)}.")
    if not sentences:
        return undented(outline.doc)
    text = " ".join(sentences).replace("`", "")
    if not old:
        return "\n".join(_lines(text, "//"))
    kept = [f"// {line}".rstrip() for line in old.split("\n")]
    return "\n".join([*kept, *_lines(text, "//")])


def _rust(outline: Outline, parts: Parts) -> str:
    """Rust: Markdown, with sections for errors and panics."""
    old = bare_text(outline.doc, "rust")
    out: list[str] = []
    if old:
        out += [f"/// {line}".rstrip() for line in old.split("\n")]
    else:
        out += _lines(parts.summary, "///")
        told = _nothing_when(outline)
        if told:
            out += ["///", *_lines(told, "///")]
    before = len(out)
    if parts.failures and "# Error" not in old:
        out += ["///", "/// # Errors", "///"]
        out += _lines(f"Returns an error {parts.failures}.", "///")
    if parts.panics and "# Panic" not in old:
        out += ["///", "/// # Panics", "///", *_lines(f"Panics {_clause(parts.panics)}.", "///")]
    return undented(outline.doc) if old and len(out) == before else "\n".join(out)


def _nothing_when(outline: Outline) -> str:
    """When a Rust function that may give nothing gives nothing."""
    values, _ = split_results(outline)
    reasons = Reasons(outline)
    whens = [reasons.when(step) for step in values if step.text == "None"]
    known = [when for when in whens if when]
    return f"Returns {code('None')} if {' or if '.join(known)}." if known else ""


def _clause(sentence: str) -> str:
    """A sentence as the end of another one."""
    return f"{sentence[:1].lower()}{sentence[1:]}".rstrip(".")


def _xml(outline: Outline, parts: Parts) -> str:
    """C#: XML documentation comments."""
    old = bare_text(outline.doc, "csharp")
    out: list[str] = []
    if "<inheritdoc" in old:
        return undented(outline.doc)
    if old:
        whole = old if "<" in old else f"<summary>\n{old}\n</summary>"
        out += [f"/// {line}".rstrip() for line in whole.split("\n")]
    else:
        out += ["/// <summary>", *_lines(_xml_text(parts.summary), "///"), "/// </summary>"]
    before = len(out)
    if not re.search(r"<summary", old) and old and "<" in old:
        out = ["/// <summary>", *_lines(_xml_text(parts.summary), "///"), "/// </summary>", *out]
    for entry in parts.parameters:
        name = entry.name.lstrip("@")
        if f'<param name="{name}"' not in old:
            out += _lines(f'<param name="{name}">{_xml_text(entry.text)}</param>', "///")
    if parts.result and outline.kind != "property" and "<returns" not in old:
        out += _lines(f"<returns>{_xml_text(parts.result)}</returns>", "///")
    elif parts.yields and "<returns" not in old:
        out += _lines(f"<returns>{_xml_text(parts.yields)}</returns>", "///")
    for entry in parts.errors:
        if f'<exception cref="{entry.name}"' not in old:
            cref = entry.name.replace("<", "{").replace(">", "}")
            out += _lines(f'<exception cref="{cref}">{_xml_text(entry.text)}</exception>', "///")
    return undented(outline.doc) if old and len(out) == before else "\n".join(out)


def _xml_text(text: str) -> str:
    parts = _CODE.split(text)
    return "".join(
        f"<c>{escape(part, quote=False)}</c>" if number % 2 else escape(part, quote=False)
        for number, part in enumerate(parts)
    )
