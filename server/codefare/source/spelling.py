"""How the names of files are written: two names that some file systems take for one."""

from __future__ import annotations

import platform
import unicodedata

# File systems of these treat `Secrets` and `secrets` as one.
_FOLDS_CASE = platform.system() in {"Windows", "Darwin"}


def folded(text: str) -> str:
    """The form in which two names of one file are equal (macOS stores names decomposed, and looks at no case)."""
    text = unicodedata.normalize("NFC", text)
    return text.casefold() if _FOLDS_CASE else text
