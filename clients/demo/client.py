"""The smallest LSP client that can run codefare: JSON-RPC over the pipes of a child process, one document open."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Json = dict[str, Any]

_TIMEOUT = 60.0
_CAPABILITIES: Json = {
    "general": {"positionEncodings": ["utf-16"]},
    "textDocument": {
        "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": []}}},
        "hover": {"contentFormat": ["markdown"]},
    },
    "window": {"workDoneProgress": True, "showDocument": {"support": True}},
    "workspace": {"applyEdit": True, "workspaceEdit": {"documentChanges": True}},
}


class DemoClient:
    """Speaks to one server and plays the editor: applies edits, opens reports, prints nothing itself.

    `text` is the document as the editor shows it, `shown` the files the server asked to open, `receipts` what
    each action took, and `messages` its messages to the user.
    """

    def __init__(self, process: asyncio.subprocess.Process, document: Path) -> None:
        self._process = process
        self._document = document
        self._next_id = 0
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._finished = asyncio.Event()
        self._reader = asyncio.create_task(self._read())
        self._version = 1
        self.text = document.read_text("utf-8")
        self.shown: list[Path] = []
        self.receipts: list[str] = []
        self.messages: list[str] = []

    @classmethod
    async def start(
        cls, command: Sequence[str], env: Mapping[str, str], document: Path
    ) -> DemoClient:
        """Start the server and keep its log out of the way."""
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=dict(env),
        )
        return cls(process, document)

    @property
    def uri(self) -> str:
        """The open document's URI."""
        return self._document.as_uri()

    async def initialize(self, root: Path) -> Json:
        """The handshake; gives the server's capabilities."""
        params = {
            "processId": None,
            "rootUri": root.as_uri(),
            "workspaceFolders": [{"uri": root.as_uri(), "name": root.name}],
            "clientInfo": {"name": "codefare demo"},
            "capabilities": _CAPABILITIES,
        }
        result: Json = await self.request("initialize", params)
        return result

    async def open(self, root: Path) -> None:
        """Initialize and open the document."""
        await self.initialize(root)
        self.notify("initialized", {})
        item = {"uri": self.uri, "languageId": "python", "version": 1, "text": self.text}
        self.notify("textDocument/didOpen", {"textDocument": item})

    def type_at(self, line: int, character: int, text: str, *, removed: int = 0) -> None:
        """Tell the server of typing on one line; `text` of ours is not kept up to date."""
        self._version += 1
        end = _position(line, character + removed)
        change = {"range": {"start": _position(line, character), "end": end}, "text": text}
        params = {
            "textDocument": {"uri": self.uri, "version": self._version},
            "contentChanges": [change],
        }
        self.notify("textDocument/didChange", params)

    async def hover(self, line: int, character: int) -> str:
        """The hover's Markdown at a position."""
        where = {"textDocument": {"uri": self.uri}, "position": _position(line, character)}
        result = await self.request("textDocument/hover", where)
        contents = result["contents"] if result else {"value": ""}
        return str(contents["value"])

    async def actions(self, line: int, character: int) -> list[Json]:
        """The action menu at a position."""
        at = _position(line, character)
        params = {
            "textDocument": {"uri": self.uri},
            "range": {"start": at, "end": at},
            "context": {"diagnostics": [], "triggerKind": 1},
        }
        result: list[Json] = await self.request("textDocument/codeAction", params)
        return result

    async def run(self, action: Json) -> None:
        """Pick an action of the menu and wait until its job has ended."""
        self._finished.clear()
        self.messages.clear()
        command = action["command"]
        params = {"command": command["command"], "arguments": command.get("arguments", [])}
        await self.request("workspace/executeCommand", params)
        await asyncio.wait_for(self._finished.wait(), _TIMEOUT)

    async def request(self, method: str, params: Any) -> Any:
        """Send a request and wait for its answer; an error answer raises RuntimeError."""
        self._next_id += 1
        future = asyncio.get_running_loop().create_future()
        self._answers[self._next_id] = future
        self._send({"id": self._next_id, "method": method, "params": params})
        return await asyncio.wait_for(future, _TIMEOUT)

    def notify(self, method: str, params: Any) -> None:
        """Send a notification."""
        self._send({"method": method, "params": params})

    async def close(self) -> None:
        """Shut the server down in the protocol's way."""
        await self.request("shutdown", None)
        self.notify("exit", None)
        await asyncio.wait_for(self._process.wait(), _TIMEOUT)
        await self._reader

    def _send(self, message: Json) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        if self._process.stdin is None:
            raise RuntimeError("the server has no stdin")
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    async def _read(self) -> None:
        stream = self._process.stdout
        if stream is None:
            raise RuntimeError("the server has no stdout")
        while header := await stream.readline():
            length = int(header.split(b":")[1])
            while (await stream.readline()).strip():
                pass
            self._handle(json.loads(await stream.readexactly(length)))
        for future in self._answers.values():
            future.set_exception(RuntimeError("the server has ended"))

    def _handle(self, message: Json) -> None:
        if "method" in message:
            result = self._serve(message["method"], message.get("params"))
            if "id" in message:
                self._send({"id": message["id"], "result": result})
            return
        future = self._answers.pop(message["id"])
        if "error" in message:
            future.set_exception(RuntimeError(message["error"]["message"]))
        else:
            future.set_result(message.get("result"))

    def _serve(self, method: str, params: Any) -> Any:
        """What an editor does when the server asks."""
        match method:
            case "workspace/applyEdit":
                return self._apply(params["edit"])
            case "window/showDocument":
                self.shown.append(Path(str(params["uri"]).removeprefix("file://")))
                return {"success": True}
            case "window/logMessage":
                # What each action ends with: its receipt.
                self.receipts.append(str(params["message"]))
                self._finished.set()
            case "window/showMessage":
                self.messages.append(str(params["message"]))
            case "workspace/configuration":
                return [None for _ in params["items"]]
        return None

    def _apply(self, edit: Json) -> Json:
        """Apply the edit and tell the server so, as every editor does."""
        (change,) = edit["documentChanges"]
        edits = sorted(change["edits"], key=lambda e: _key(e["range"]["start"]), reverse=True)
        for one in edits:
            start, end = (self._offset(one["range"][side]) for side in ("start", "end"))
            self.text = self.text[:start] + one["newText"] + self.text[end:]
        self._version += 1
        params = {
            "textDocument": {"uri": self.uri, "version": self._version},
            "contentChanges": [{"text": self.text}],
        }
        self.notify("textDocument/didChange", params)
        return {"applied": True}

    def _offset(self, position: Json) -> int:
        """Of a UTF-16 position."""
        lines = self.text.split("\n")
        before = sum(len(line) + 1 for line in lines[: position["line"]])
        line = lines[position["line"]] if position["line"] < len(lines) else ""
        units = line.encode("utf-16-le")[: 2 * position["character"]]
        return min(before + len(units.decode("utf-16-le")), len(self.text))


def _position(line: int, character: int) -> Json:
    return {"line": line, "character": character}


def _key(position: Json) -> tuple[int, int]:
    return position["line"], position["character"]
