"""The words of a doc comment or docstring, without its delimiters, and their first sentence."""

from __future__ import annotations

import re
from textwrap import dedent

_QUOTES = re.compile(r"\A[rRuUbB]*(\"\"\"|'''|\"|')")
_SENTENCE = re.compile(r"(.+?[.!?])(?:\s|\Z)", re.DOTALL)
_TAG = re.compile(r"</?[a-z]+[^>]*>")
_LONGEST = 200


def bare_text(doc: str, language: str) -> str:
    """The text of a doc comment or docstring, without delimiters, markers and indentation."""
    text = doc.replace("\r\n", "\n").replace("\r", "\n").strip()
    if language == "python":
        return _docstring(text)
    if text.startswith("=begin"):
        return text.removeprefix("=begin").removesuffix("=end").strip("\n")
    if text.startswith("/*"):
        lines = re.sub(r"\A/\*+!?|\*+/\Z", "", text).split("\n")
        bare = [re.sub(r"\A\s*\*(?!/) ?", "", line).rstrip() for line in lines]
        bare[0] = bare[0].strip()
        return "\n".join(bare).strip()
    lines = [
        re.sub(r"\A\s*(?:///?!?|//!|#+)(?: |\Z)?", "", line).rstrip() for line in text.split("\n")
    ]
    return "\n".join(lines).strip()


def first_sentence(doc: str, language: str) -> str:
    """The first sentence of a documentation, on one line; "" where there is none."""
    text = bare_text(doc, language)
    if language == "csharp":
        summary = re.search(r"<summary>(.*?)</summary>", text, re.DOTALL)
        text = _TAG.sub("", summary[1] if summary else text)
    text = re.sub(r"\A\s*[@\\]brief\s+", "", text)
    paragraph = re.split(r"\n\s*\n|\n\s*[@\\]\w+", text.strip(), maxsplit=1)[0]
    if paragraph.startswith(("@", "\\")):
        return ""
    line = " ".join(paragraph.split())
    found = _SENTENCE.match(line)
    sentence = found[1] if found else line
    return sentence if len(sentence) <= _LONGEST else sentence[: _LONGEST - 1].rstrip() + "…"


def _docstring(text: str) -> str:
    quotes = _QUOTES.match(text)
    if quotes is None:
        return text
    inner = text[quotes.end() :].removesuffix(quotes[1])
    first, _, rest = inner.partition("\n")
    return f"{first.strip()}\n{dedent(rest)}".strip()
