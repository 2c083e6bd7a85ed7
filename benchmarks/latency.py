"""Start-up against a bare pygls server, and hover and code action on a large file right after an edit.

Both servers are real processes over stdio, taken in turns in one run, so that a noisy machine is as noisy to both.
Prints medians, percentiles and ratios; the last line of each part is PASS or FAIL against its target, and the exit code
says so too.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "clients" / "demo"))
from client import DemoClient

STARTS = 15
EDITS = 200
LINES = 10_000
START_RATIO = 1.25
P95_MS = 10.0

BARE = """
from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer
server = LanguageServer("bare", "1")
@server.feature(lsp.TEXT_DOCUMENT_HOVER)
async def hover(params): return None
@server.feature(lsp.TEXT_DOCUMENT_CODE_ACTION)
async def actions(params): return []
server.start_io()
"""


def percentile(values: list[float], share: float) -> float:
    """The value that this share of `values` does not exceed."""
    return sorted(values)[min(len(values) - 1, round(share * len(values)))]


async def start(command: list[str], env: dict[str, str], document: Path) -> float:
    """Seconds from the start of a server's process to its answer to `initialize`."""
    began = time.perf_counter()
    client = await DemoClient.start(command, env, document)
    await client.initialize(document.parent)
    took = time.perf_counter() - began
    await client.close()
    return took


async def starts(env: dict[str, str], document: Path) -> bool:
    """Start-up, in turns."""
    ours = [sys.executable, "-m", "codefare", "serve"]
    bare = [sys.executable, "-c", BARE]
    times: dict[str, list[float]] = {"codefare": [], "bare pygls": []}
    for _ in range(STARTS):
        times["bare pygls"].append(await start(bare, env, document))
        times["codefare"].append(await start(ours, env, document))
    for name, values in times.items():
        print(
            f"  {name:10}  median {statistics.median(values) * 1e3:6.0f} ms   best {min(values) * 1e3:6.0f} ms"
        )
    ratio = statistics.median(times["codefare"]) / statistics.median(times["bare pygls"])
    met = ratio <= START_RATIO
    print(f"  ratio of medians {ratio:.2f} (at most {START_RATIO})  {'PASS' if met else 'FAIL'}")
    return met


def source() -> str:
    """A Python file of 10,000 lines: functions and classes of ordinary size."""
    unit = """
class Parser{n}:
    def feed(self, data, strict=False):
        for index, line in enumerate(data.splitlines()):
            if not line.strip():
                continue
            if strict and index > {n}:
                raise ValueError(f"line {{index}}: {{line!r}}")
            self.lines.append(self.convert(line))
        return len(self.lines)

"""
    lines: list[str] = []
    number = 0
    while len(lines) < LINES:
        lines += unit.format(n=number).split("\n")[:-1]
        number += 1
    return "\n".join(lines[:LINES]) + "\n"


async def requests(env: dict[str, str], document: Path) -> bool:
    """Hover and code action, each right after a typed character."""
    client = await DemoClient.start([sys.executable, "-m", "codefare", "serve"], env, document)
    await client.open(document.parent)
    feeds = [n for n, line in enumerate(client.text.split("\n")) if "def feed" in line]
    await client.hover(feeds[0], 10)
    await client.actions(feeds[0], 10)
    times: dict[str, list[float]] = {"hover": [], "code action": []}
    for turn in range(EDITS):
        line = feeds[(turn * 37) % len(feeds)]
        for name, ask in (("hover", client.hover), ("code action", client.actions)):
            client.type_at(line + 1, 0, " " if turn % 2 else "#")
            began = time.perf_counter()
            answer: Any = await ask(line, 10)
            times[name].append((time.perf_counter() - began) * 1e3)
            if not answer:
                raise SystemExit(f"{name} gave nothing on line {line}")
            client.type_at(line + 1, 0, "", removed=1)
    await client.close()
    met = True
    for name, values in times.items():
        p50, p95 = percentile(values, 0.5), percentile(values, 0.95)
        met = met and p95 <= P95_MS
        print(
            f"  {name:11}  p50 {p50:5.1f} ms   p95 {p95:5.1f} ms   p99 {percentile(values, 0.99):5.1f} ms"
        )
    print(f"  p95 at most {P95_MS:.0f} ms  {'PASS' if met else 'FAIL'}")
    return met


async def main() -> bool:
    """Both parts, on a new user's home folder."""
    with tempfile.TemporaryDirectory(prefix="codefare-bench-") as folder:
        home = Path(folder, "home")
        # Python keeps what it compiled, as it does for a user: else ours alone would be compiled at each start.
        ours = ("XDG_", "PYTHONDONTWRITEBYTECODE")
        env = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
        # Keys that are never used: with them the quotes are those of real models.
        env |= {
            "HOME": str(home),
            "ANTHROPIC_API_KEY": "none",
            "OPENAI_API_KEY": "none",
            "DEEPSEEK_API_KEY": "none",
        }
        document = Path(folder, "large.py")
        document.write_text(source(), "utf-8")  # noqa: ASYNC240  nothing else runs yet
        print(f"initialize, {STARTS} starts each")
        fast = await starts(env, document)
        print(f"requests right after an edit in a file of {LINES:,} lines, {EDITS} edits")
        return await requests(env, document) and fast


if __name__ == "__main__":
    sys.exit(0 if asyncio.run(main()) else 1)
