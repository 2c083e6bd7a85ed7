"""A workspace that means harm: what it holds chooses no address, runs nothing, and reads and writes nothing outside.

What else there is of this: settings that an editor may not make in settings/test_editor.py, repositories that run
programs in project/test_diff.py, answers that obey the code in lsp/test_bad_answers.py, places in lsp/test_newfile.py,
caches in store/test_hostile_cache.py.
"""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

CODE = "def add(a, b):\n    return a + b\n"
EVIL = "http://127.0.0.1:9/evil"


def codefare(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """What the command line does there; it never waits for long."""
    return subprocess.run(
        [sys.executable, "-P", "-m", "codefare", *words],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="surrogateescape",
        timeout=60,
        check=False,
    )
