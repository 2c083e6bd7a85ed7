"""Every request is answered, with the right code and without what is nobody's business."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.lsp.client import NEVER, Client, Error

from codefare.lsp.conversation import MOST_AT_ONCE

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("textDocument/hover", {"position": 1}, -32602),
        ("textDocument/hover", None, -32602),
        ("textDocument/hover", [1], -32602),
        ("workspace/executeCommand", {}, -32602),
        ("workspace/executeCommand", {"command": "codefare.none"}, -32602),
        ("no/such", {}, -32601),
        ("initialize", {"capabilities": {}}, -32600),
    ],
)
async def test_bad_requests(session: Client, method, params, code):
    """A malformed, unknown or untimely request gets JSON-RPC's error for it, and no pop-up."""
    with pytest.raises(Error) as caught:
        await session.ask(method, params)
    assert caught.value.code == code
    assert not [m for m in session.received if m.get("method") == "window/showMessage"]


@pytest.mark.parametrize(
    "position", [{"line": -1, "character": 0}, {"line": 0, "character": 2**31}]
)
async def test_positions_that_are_none(session: Client, position):
    """A position outside of what LSP allows is refused."""
    with pytest.raises(Error) as caught:
        await session.ask(
            "textDocument/hover", {"textDocument": {"uri": "file:///a"}, "position": position}
        )
    assert caught.value.code == -32602


@pytest.mark.parametrize(
    "message",
    [
        {"jsonrpc": "2.0", "id": None, "method": "x/state"},
        {"jsonrpc": "2.0", "id": [1], "method": "x/state"},
        {"jsonrpc": "2.0", "id": 1, "method": 7},
        {"jsonrpc": "1.0", "id": 1, "method": "x/state"},
        {"id": 1, "method": "x/state"},
    ],
)
async def test_messages_that_are_no_json_rpc(session: Client, message):
    """What is not JSON-RPC 2.0 is answered with "invalid request", without an id."""
    session.send(message)
    with pytest.raises(Error) as caught:
        await session.response(None)
    assert caught.value.code == -32600


@pytest.mark.parametrize("message", [[], [{"jsonrpc": "2.0"}], 5, "x", None, True])
async def test_json_that_is_no_message(session: Client, message):
    """JSON that is no object is answered too."""
    session.send(message)
    with pytest.raises(Error) as caught:
        await session.response(None)
    assert caught.value.code == -32600


@pytest.mark.parametrize("method", ["x/boom", "x/unsayable"])
async def test_internal_errors_stay_inside(session: Client, method):
    """An exception's text goes to the log and never to the client."""
    with pytest.raises(Error) as caught:
        await session.ask(method)
    assert (caught.value.code, caught.value.message) == (
        -32603,
        "internal error; see the codefare log",
    )
    await session.logged(f"{method} failed")


async def test_errors_for_the_user(session: Client):
    """An error of ours reaches the client with what to do about it."""
    with pytest.raises(Error) as caught:
        await session.ask("x/wrong")
    assert caught.value.code == -32803
    assert caught.value.message == "No model is set up. Set a key."


async def test_failing_notifications_are_quiet(session: Client):
    """A notification whose handler fails is logged; nothing pops up."""
    session.notify("x/note/boom")
    await session.logged("x/note/boom failed")
    assert await session.ask("x/state")
    assert not [m for m in session.received if m.get("method") == "window/showMessage"]


async def test_unknown_notifications(session: Client):
    """Unknown notifications and responses that nobody waits for do no harm."""
    session.notify("$/unheard", {})
    session.notify("no/such", {})
    session.send({"jsonrpc": "2.0", "id": 4711, "result": None})
    session.send({"jsonrpc": "2.0", "result": None})
    session.send({"jsonrpc": "2.0", "method": ["x"]})
    assert await session.ask("x/state")


async def test_strings_that_utf8_cannot_say(session: Client):
    """A lone surrogate, which JSON allows, comes back as it went."""
    assert await session.ask("x/surrogate") == "\ud800"


async def test_stray_output(session: Client):
    """What a handler or a child process prints, or reads from stdin, does not touch the stream."""
    assert await session.ask("x/print") is True
    await session.logged("stray from print")
    await session.logged("stray from a child")


async def test_pygls_is_quiet(session: Client):
    """The library logs nothing of what is sent, even if the program logs at INFO."""
    await session.ask("x/state")
    assert "pygls." not in session.stderr


async def test_cancelled_request(session: Client):
    """A cancelled request is answered as such and its coroutine stopped."""
    request = session.request("x/wait")
    session.notify("$/cancelRequest", {"id": request})
    with pytest.raises(Error) as caught:
        await session.response(request)
    assert caught.value.code == -32800
    assert (await session.notified("window/logMessage"))["message"] == "wait was cancelled"


async def test_cancelled_command(session: Client):
    """A cancelled command stops its body too: pygls lets it run on."""
    request = session.request("workspace/executeCommand", {"command": "codefare.slow"})
    session.notify("$/cancelRequest", {"id": request})
    with pytest.raises(Error) as caught:
        await session.response(request)
    assert caught.value.code == -32800
    assert (await session.notified("window/logMessage"))["message"] == "wait was cancelled"


async def test_cancel_of_nothing(session: Client):
    """Cancelling what is answered already, or was never asked, does nothing."""
    request = session.request("x/state")
    await session.response(request)
    for msg_id in (request, "none", 12345):
        session.notify("$/cancelRequest", {"id": msg_id})
    session.notify("$/cancelRequest", {})
    assert await session.ask("x/state")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([{"name": "a", "count": 2}, "b"], ["a", 2, "b"]),
        ([{"name": "a"}], ["a", 1, "none"]),
    ],
)
async def test_command_arguments(session: Client, arguments, expected):
    """A command takes dataclasses, and what has a default may be missing."""
    assert await session.command("codefare.order", *arguments) == expected


@pytest.mark.parametrize(
    "arguments", [[], ["sk-secret"], [{"count": 1}], [{"name": "a"}, None], [{"name": "a"}, "b", 3]]
)
async def test_wrong_command_arguments(session: Client, arguments):
    """Arguments that do not fit are refused without being quoted."""
    with pytest.raises(Error) as caught:
        await session.command("codefare.order", *arguments)
    assert caught.value.code == -32602
    assert "sk-secret" not in caught.value.message


async def test_command_without_arguments(session: Client):
    """A client may leave `arguments` out altogether."""
    assert await session.ask("workspace/executeCommand", {"command": "codefare.token"}) is None


async def test_work_done_token(session: Client):
    """A command knows the token that came with it."""
    params = {"command": "codefare.token", "workDoneToken": "t1"}
    assert await session.ask("workspace/executeCommand", params) == "t1"


async def test_requests_of_ours(session: Client):
    """A request of the server's ends with the result, null, an error, or after its time."""
    ask = {"method": "window/showDocument", "limit": 10}
    session.answers["window/showDocument"] = lambda _: {"success": True}
    assert await session.ask("x/ask", ask) == "ShowDocumentResult(success=True)"
    session.answers["window/showDocument"] = lambda _: None
    assert await session.ask("x/ask", ask) == "None"
    session.answers["window/showDocument"] = lambda _: "text"
    with pytest.raises(Error, match="malformed"):
        await session.ask("x/ask", ask)
    del session.answers["window/showDocument"]
    with pytest.raises(Error, match="method not found"):
        await session.ask("x/ask", ask)
    session.answers["window/showDocument"] = lambda _: NEVER
    with pytest.raises(Error, match="internal error"):
        await session.ask("x/ask", {**ask, "limit": 0.01})
    asked = [await session.asked("window/showDocument") for _ in range(5)]
    assert (await session.notified("$/cancelRequest")) == {"id": asked[-1]["id"]}
    session.send({"jsonrpc": "2.0", "id": asked[-1]["id"], "result": None})  # too late: no harm
    state = await session.ask("x/state")
    assert (state["asked"], state["types"]) == (0, 0)


async def test_nothing_piles_up(session: Client):
    """Neither requests nor notifications leave anything behind."""
    session.open("file:///pile.py", "a")
    for version in range(2, 50):
        change = {"textDocument": {"uri": "file:///pile.py", "version": version}}
        session.notify("textDocument/didChange", {**change, "contentChanges": [{"text": "b"}]})
    state = await session.ask("x/state")
    assert (state["futures"], state["asked"], state["types"]) == (1, 0, 0)


async def test_a_flood_of_requests_takes_no_more_than_its_room(tiny: Path) -> None:
    """What is too much is refused at once, as LSP has it for a busy server; what is cancelled makes room again."""
    async with Client.start(tiny) as client:
        await client.initialize()
        waiting = [client.request("x/wait", {}) for _ in range(MOST_AT_ONCE)]
        with pytest.raises(Error, match="1,000 requests are under way") as caught:
            await client.ask("x/wait", {})
        assert caught.value.code == -32802
        for number in waiting:
            client.notify("$/cancelRequest", {"id": number})
        for number in waiting:
            with pytest.raises(Error, match="cancelled"):
                await client.response(number)
        assert await client.ask("x/ready", {})
        assert await client.end() == 0


async def test_a_flood_does_not_keep_a_session_from_its_end(tiny: Path) -> None:
    """`shutdown` is served, however much is under way."""
    async with Client.start(tiny) as client:
        await client.initialize()
        for _ in range(MOST_AT_ONCE + 5):
            client.request("x/wait", {})
        assert await client.end() == 0
