"""What really arrives at a provider, seen by a real HTTP server, and what the user gets back."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from tests.gate.corpus import drawn
from tests.wire.server import WireServer
from tests.wire.vendors import anthropic_stream

from codefare.assembly import assemble
from codefare.engine import Engine
from codefare.pages import unused, what_is_sent
from codefare.presentation import hover, receipt
from codefare.quotation import quote_json
from codefare.quoting import Quote, Wish
from codefare.result import Result
from codefare.sending import sending, sending_json
from codefare.source.diagnostic import Diagnostic
from codefare.source.document import Document
from codefare.source.target import Complexity, Span
from codefare.tasks.brief import Brief
from codefare.tasks.outcome import Addition, Edit, Findings, NewFile, Refused, Report
from codefare.tokens import YARDSTICK, count

HERE, NEAR, FAR, TEST, SAID = (drawn(seed, 20) for seed in ("here", "near", "far", "test", "said"))
KEY = "test-key-of-anthropic-4711"
CODE = f'''"""A client."""

from far import connect


def near(password="{NEAR}"):
    return password


def fetch(url):
    """Fetch it."""
    token = "{HERE}"
    return connect(url, token, near())
'''
FAR_CODE = f'def connect(url, token, api_key="{FAR}"):\n    return url\n'
TEST_CODE = f'from client import near\n\n\ndef test_near():\n    assert near(password="{TEST}")\n'
EVERY = (HERE, NEAR, FAR, TEST, SAID, KEY)
BEST = Wish(complexity=Complexity.HIGH)
FETCH = CODE[CODE.index("def fetch") :]


class Project:
    """A repository with secrets in its code, and an engine whose provider is scripted."""

    def __init__(self, root: Path, engine: Engine, wire: WireServer) -> None:
        self.root = root
        self.engine = engine
        self.wire = wire

    def document(self, text: str = CODE, name: str = "client.py") -> Document:
        """A file of the project as it is open."""
        path = self.root / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
        return Document(path.as_uri(), path, "python", text, 1)

    async def quote(
        self, action: str, brief: Brief | None = None, text: str = CODE, name: str = "client.py"
    ) -> Quote:
        """The quote of an action on `fetch`."""
        document = self.document(text, name)
        at = text.index("def fetch") if "def fetch" in text else 0
        ask = self.engine.quoter.ask(
            action, document, document.target(Span(at, at)), brief=brief or Brief()
        )
        return await self.engine.quote(ask, wish=BEST)

    async def run(self, quote: Quote, answer: str) -> Result:
        """What an answer comes to."""
        self.wire.sse(*anthropic_stream(answer))
        return await self.engine.run(quote)

    @property
    def sent(self) -> str:
        """Everything that ever arrived, without the headers, which hold the key."""
        return "".join(request.body.decode() for request in self.wire.requests)


@asynccontextmanager
async def _project(
    tmp_path: Path, wire: WireServer, configure: Callable[[str], object], settings: str = ""
) -> AsyncIterator[Project]:
    root = tmp_path / "project"
    (root / "tests").mkdir(parents=True)
    (root / "far.py").write_text(FAR_CODE)
    (root / "tests" / "test_client.py").write_text(TEST_CODE)
    configure(f'{settings}\n[providers.anthropic]\nbase_url = "{wire.url}"\n')
    engine = assemble()
    engine.adopt(engine.settings.with_roots([root]))
    await engine.open()
    try:
        yield Project(root, engine, wire)
    finally:
        await engine.close()


@pytest.fixture
async def project(
    tmp_path: Path,
    wire: WireServer,
    configure: Callable[[str], object],
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Project]:
    """With nothing set but the key."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    async with _project(tmp_path, wire, configure) as made:
        yield made


def block(code: str) -> str:
    """An answer as it was asked for."""
    return f"```python\n{code}\n```"


BRIEFS = {
    "fix": Brief(diagnostic=Diagnostic(Span(0, 0), f'hard-coded password: "{SAID}"')),
    "generate": Brief(f'use token "{SAID}" and the key {KEY}'),
    "research": Brief(f"is {KEY} safe?"),
    "refactor": Brief(failure=f'it dropped password "{SAID}"'),
}
ACTIONS = (
    "explain",
    "refactor",
    "tests",
    "document",
    "review",
    "optimise",
    "fix",
    "generate",
    "boilerplate",
    "research",
)


async def test_no_action_sends_a_secret(project: Project) -> None:
    """None of the code, of other files' signatures, of a sample of tests, of a diagnostic, of the user's own words."""
    await asyncio.to_thread(project.engine.around.look)
    boiler = CODE + "\n\nclass Point:\n    x: int = 0\n"
    for action in ACTIONS:
        text = CODE
        if action == "boilerplate":
            document = project.document(boiler)
            at = boiler.index("class Point")
            task = project.engine.quoter.tasks[action]
            target = document.target(Span(at, at))
            subject = task.offers(document, Span(at, at), target, ())[0]
            ask = project.engine.quoter.ask(
                action,
                document,
                target,
                brief=replace(subject.brief, instruction=f'password="{SAID}"'),
            )
            quote = await project.engine.quote(ask, wish=BEST)
        else:
            quote = await project.quote(action, BRIEFS.get(action), text)
        await project.run(quote, "nothing")
    bodies = [request.body.decode() for request in project.wire.requests]
    assert len(bodies) == len(ACTIONS)
    assert [secret for secret in EVERY if secret in project.sent] == []
    assert str(project.root) not in project.sent  # nor where the project is, which names the user
    # The parts that hold them are there, or the test would show nothing.
    assert all("token = " in body for body in bodies if "def fetch" in body)
    for part in (
        "api_key=",
        "assert near(",
        "hard-coded password",
        "it dropped password",
        "and the key CODEFARE_SECRET_",
    ):
        assert part in project.sent, part


async def test_what_tools_say_does_not_tell_the_users_home(project: Project, home: Path) -> None:
    """Type checkers name files by their whole paths; the folder's name is the user's in most cases."""
    said = f"{home}/project/far.py: no stubs; see {home}. Not {home}2"
    spot = Diagnostic(Span(0, 0), said)
    await project.run(await project.quote("fix", Brief(diagnostic=spot)), "nothing")
    failed = Brief(failure=f"The checker says: {said}")
    await project.run(await project.quote("refactor", failed), "nothing")
    for request in project.wire.requests:
        body = request.body.decode()
        assert "~/project/far.py: no stubs; see ~. Not" in body
        assert body.count(str(home)) == 1  # another folder's name


async def test_no_diff_and_no_outline_sends_a_secret(project: Project) -> None:
    """What is not committed yet, old lines and new ones; and the outline of the folder."""
    who = ("-c", "user.name=n", "-c", "user.email=n@example.org")
    project.document()
    for words in (("init", "-q"), ("add", "."), ("commit", "-qm", "x")):
        subprocess.run(["git", *who, *words], cwd=project.root, check=True, capture_output=True)  # noqa: ASYNC221, S607  a test may wait
    project.document(CODE.replace(HERE, SAID))
    around = project.engine.around
    for action, look in (
        ("review", around.look_for_changes),
        ("architecture", around.look_at_folder),
    ):
        whole = await asyncio.to_thread(look, project.root)
        ask = project.engine.quoter.ask(action, whole.document, whole.target)
        await project.run(await project.engine.quote(ask, wish=BEST), "nothing")
    assert 'token = \\"CODEFARE_SECRET_' in project.sent
    assert "connect" in project.wire.requests[1].body.decode()
    assert [secret for secret in EVERY if secret in project.sent] == []


def as_sent(quote: Quote) -> str:
    """The code of `fetch` as the model sees it."""
    user = quote.prompt.user
    return user[user.index("def fetch") :].split("```")[0]


def name_of_token(quote: Quote) -> str:
    """The placeholder of the token."""
    sent = as_sent(quote)
    return sent[sent.index('token = "') + 9 :].split('"')[0]


async def test_an_edit_keeps_the_users_code(project: Project) -> None:
    """The model writes the placeholder and the file gets the secret; the cache has only the placeholder."""
    quote = await project.quote("refactor")
    assert name_of_token(quote).startswith("CODEFARE_SECRET_")
    result = await project.run(quote, block(as_sent(quote).replace("url, token", "url, (token)")))
    assert isinstance(result.outcome, Edit)
    assert result.outcome.new.strip() == FETCH.replace("url, token", "url, (token)").strip()
    assert result.outcome.remark == ""
    assert HERE in unused(result, "x")
    assert "CODEFARE_SECRET" not in unused(result, "x")
    stored = await project.engine.answers.get(quote.key)
    assert stored is not None
    assert name_of_token(quote) in stored.text
    assert HERE not in stored.text


async def test_an_answer_from_the_cache_gets_the_secret_of_now(project: Project) -> None:
    """The token was changed since for one as long: the answer is free, and holds the new one."""
    quote = await project.quote("refactor")
    await project.run(quote, block(as_sent(quote).replace("url, token", "url, (token)")))
    others = (drawn(f"other {number}", 20) for number in range(500))
    other = next(
        each
        for each in others
        if count(YARDSTICK, FETCH.replace(HERE, each)) == count(YARDSTICK, FETCH)
    )
    again = await project.quote("refactor", text=CODE.replace(HERE, other))
    assert again.cached
    result = await project.engine.run(again)
    assert isinstance(result.outcome, Edit)
    assert f'token = "{other}"' in result.outcome.new
    assert HERE not in result.outcome.new
    assert len(project.wire.requests) == 1


@pytest.mark.parametrize(
    "wrong", ["CODEFARE_SECRET_99", "codefare_secret_1", "CODEFARE_SECRET", "CODEFARE-SECRET-1"]
)
async def test_a_placeholder_that_stands_for_nothing_is_refused(
    project: Project, wrong: str
) -> None:
    """One that the model made up or misspelt never gets into a file."""
    result = await project.run(await project.quote("refactor"), block(FETCH.replace(HERE, wrong)))
    assert isinstance(result.outcome, Refused)
    assert wrong in result.outcome.reason


async def test_a_secret_that_is_left_out_is_told(project: Project) -> None:
    """To take it from the environment is right, and yet the user must know that it is gone from the code."""
    better = FETCH.replace(f'"{HERE}"', 'os.environ["TOKEN"]')
    result = await project.run(await project.quote("refactor"), block(better))
    assert isinstance(result.outcome, Edit)
    assert (
        result.outcome.remark
        == "The change leaves out a secret (key or token): keep it if you need it."
    )


async def test_a_comment_never_gets_a_secret(project: Project) -> None:
    """A docstring that tells the token says dots in its place: what was paid for can be used, and it is told."""
    quote = await project.quote("document")
    name = name_of_token(quote)
    result = await project.run(quote, f'```python\n"""Fetch with {name}."""\n```')
    assert isinstance(result.outcome, Edit)
    assert result.outcome.new.strip() == '"""Fetch with ...."""'
    assert result.outcome.remark == (
        "The comment would have told a secret of your code (key or token): it says “...” there."
    )


async def test_what_the_offline_engine_writes_is_treated_alike(
    tmp_path: Path, wire: WireServer, configure: Callable[[str], object]
) -> None:
    """Its comment tells no default that is a secret, and the cache keeps none."""
    async with _project(tmp_path, wire, configure) as project:
        code = CODE.replace("def fetch(url):", f'def fetch(url, password="{NEAR}"):')
        documented = await project.quote("document", text=code)
        result = await project.engine.run(documented)
        assert isinstance(result.outcome, Edit), result.outcome
        assert NEAR not in result.outcome.new
        assert "password" in result.outcome.new
        explained = await project.quote("explain", text=code)
        result = await project.engine.run(explained)
        assert NEAR in result.answer
        for quote in (documented, explained):
            stored = await project.engine.answers.get(quote.key)
            assert stored is not None
            assert NEAR not in stored.text


async def test_tests_that_repeat_a_secret_say_so(project: Project) -> None:
    """They may have to; the user is told that another file holds it now."""
    quote = await project.quote("tests")
    name = name_of_token(quote)
    cases = f'from client import fetch\n\n\ndef test_fetch():\n    assert fetch("u") != "{name}"'
    result = await project.run(quote, block(cases))
    assert isinstance(result.outcome, NewFile | Addition), result.outcome
    assert "writes a secret of your code once more (key or token)" in result.outcome.remark


async def test_a_finding_lands_on_the_line_with_the_secret(project: Project) -> None:
    """It quotes the line as it was sent, and is found in the line as it is."""
    quote = await project.quote("review")
    user = quote.prompt.user
    line = next(each for each in user.splitlines() if "token = " in each)
    finding = {"line": 1, "code": line, "severity": "high", "message": "hard-coded", "advice": "no"}
    result = await project.run(quote, f"```json\n{json.dumps([finding])}\n```")
    assert isinstance(result.outcome, Findings), result.outcome
    assert result.outcome.items[0].code == f'token = "{HERE}"'


async def test_a_report_shows_the_code_as_it_is(project: Project) -> None:
    """Also one that broke off: no placeholder is shown where code was meant."""
    quote = await project.quote("explain")
    name = name_of_token(quote)
    result = await project.run(quote, f"It sends `{name}`.")
    assert isinstance(result.outcome, Report)
    assert f"`{HERE}`" in result.outcome.markdown
    assert HERE in result.answer


async def test_what_is_taken_out_is_told_without_telling_it(project: Project) -> None:
    """In the hover, in what would be sent, in the receipt, and as data: kinds and lines, never a secret."""
    quote = await project.quote("explain")
    line = CODE[: CODE.index(HERE)].count("\n") + 1
    near = CODE[: CODE.index(NEAR)].count("\n") + 1
    sent = sending(project.engine.quoter, quote)
    result = await project.run(quote, "It fetches.")
    for text in (hover(quote.target, [quote]), what_is_sent(sent), receipt(result)):
        assert f"key or token, line {line}" in text
        assert f"password, line {near}" in text
        assert not any(secret in text for secret in EVERY)
    told = [one for one in quote_json(quote)["removed"] if one["lines"] == [line]]
    assert told == [{"kind": "key or token", "lines": [line], "parts": ["the code"]}]
    assert sending_json(sent)["removed"] == quote_json(quote)["removed"]
    assert sent.body == project.wire.requests[0].body
