"""How fast answers stream in: our client against bare httpx, 1, 16 and 64 at once.

A server in a process of its own sends answers of 500 tokens, each in a chunk of its own. Three clients read them in
turns, in one run, so that a noisy machine is as noisy to all: httpx that only takes the bytes in; httpx with httpx-sse
and `json.loads`, which is the least that a client of such a stream does; and ours, from the request to its end.

Prints medians and ratios; the last line of each part is PASS or FAIL against its target, and the exit code says so too.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import date
from decimal import Decimal

import httpx
from httpx_sse import EventSource

from codefare.providers.base import End, Request, Stop, Text
from codefare.providers.http import Transport
from codefare.providers.openai import ChatCompletions
from codefare_catalog import Offering, Price, Provider, Rate

TOKENS = 500
AT_ONCE = {1: 60, 16: 8, 64: 4}  # streams at once, and how many rounds of them
BURST = 10
RATIO = 2.5  # of our time to that of the least that a client does

Client = Callable[[], Awaitable[None]]


def answer() -> list[bytes]:
    """The answer in bursts, as they are written."""

    def event(data: str) -> bytes:
        body = f"data: {data}\n\n".encode()
        return b"%x\r\n%s\r\n" % (len(body), body)

    def chunk(choices: object, **more: object) -> bytes:
        head = {"id": "x", "object": "chat.completion.chunk", "model": "m", "created": 1}
        return event(json.dumps({**head, "choices": choices, **more}))

    events = [
        chunk([{"index": 0, "delta": {"content": f" word{n}"}, "finish_reason": None}])
        for n in range(TOKENS)
    ]
    usage = {"prompt_tokens": 25, "completion_tokens": TOKENS}
    events += [
        chunk([{"index": 0, "delta": {}, "finish_reason": "stop"}]),
        chunk([], usage=usage),
        event("[DONE]") + b"0\r\n\r\n",
    ]
    head = (
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    )
    bursts = (b"".join(events[i : i + BURST]) for i in range(0, len(events), BURST))
    return [head, *bursts]


async def serve() -> None:
    """Answers every request with the same stream, until its standard input ends."""
    bursts = answer()

    async def connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except (asyncio.IncompleteReadError, ConnectionError):  # the client has gone
                return
            length = next(line for line in head.lower().split(b"\r\n") if b"content-length" in line)
            await reader.readexactly(int(length.partition(b":")[2]))
            for burst in bursts:
                writer.write(burst)
                await writer.drain()
                await asyncio.sleep(0)

    server = await asyncio.start_server(connection, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    server.close()


async def measure(client: Client, at_once: int) -> float:
    """Seconds for so many streams at once."""
    began = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(at_once)))
    return time.perf_counter() - began


def readers(url: str, bare: httpx.AsyncClient, transport: Transport) -> dict[str, Client]:
    """The three clients."""
    rate = Rate(Decimal(1), Decimal(1))
    price = Price(rate, rate, "benchmark", date(2026, 11, 26))
    offering = Offering("m", "p", "m", 100_000, 10_000, (price,))
    request = Request(offering, "You are careful.", "def f(): pass", 1000, 25)
    provider = Provider("p", "P", url, "openai")
    dialect = ChatCompletions()
    body = dialect.body(provider, request)

    async def raw() -> None:
        size = 0
        async with bare.stream("POST", dialect.url(provider), json=body) as response:
            async for piece in response.aiter_raw():
                size += len(piece)
        assert size > TOKENS

    async def least() -> None:
        text: list[str] = []
        async with bare.stream("POST", dialect.url(provider), json=body) as response:
            async for event in EventSource(response).aiter_sse():
                if event.data != "[DONE]":
                    choices = json.loads(event.data)["choices"]
                    text += (choice["delta"].get("content", "") for choice in choices)
        assert len("".join(text).split()) == TOKENS

    async def ours() -> None:
        events = [e async for e in transport.stream(provider, dialect, request, None)]
        last = events[-1]
        assert isinstance(last, End)
        assert last.stop is Stop.COMPLETE
        text = "".join(event.text for event in events if isinstance(event, Text))
        assert len(text.split()) == TOKENS

    return {"httpx, bytes alone": raw, "httpx-sse and json": least, "codefare": ours}


async def compare(clients: dict[str, Client], at_once: int, rounds: int) -> bool:
    """All three clients, in turns."""
    times: dict[str, list[float]] = {name: [] for name in clients}
    for client in clients.values():
        await measure(client, at_once)  # connections are open, imports done
    for _ in range(rounds):
        for name, client in clients.items():
            times[name].append(await measure(client, at_once))
    print(f"{at_once} at once, {TOKENS} tokens each, {rounds} rounds")
    medians = {name: statistics.median(values) for name, values in times.items()}
    for name, median in medians.items():
        speed = at_once * TOKENS / median
        print(f"  {name:18}  median {median * 1e3:7.1f} ms   {speed:8,.0f} tokens/s")
    ours, raw = medians["codefare"], medians["httpx, bytes alone"]
    ratio = ours / medians["httpx-sse and json"]
    met = ratio <= RATIO
    print(f"  codefare takes {ours / raw:.2f} x the time of bytes alone")
    print(f"  and {ratio:.2f} x the least (at most {RATIO})  {'PASS' if met else 'FAIL'}")
    return met


async def main() -> bool:
    """Starts the server, compares, and ends it."""
    server = await asyncio.create_subprocess_exec(
        sys.executable,
        __file__,
        "--serve",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert server.stdin is not None
    assert server.stdout is not None
    try:
        url = f"http://127.0.0.1:{int(await server.stdout.readline())}"
        limits = httpx.Limits(max_connections=100, max_keepalive_connections=100)
        transport = Transport()
        async with httpx.AsyncClient(limits=limits, timeout=None, trust_env=False) as bare:  # noqa: S113 - loopback
            clients = readers(url, bare, transport)
            met = [await compare(clients, at_once, rounds) for at_once, rounds in AT_ONCE.items()]
        await transport.aclose()
        return all(met)
    finally:
        server.stdin.close()
        await server.wait()


if __name__ == "__main__":
    if "--serve" in sys.argv:
        asyncio.run(serve())
    else:
        sys.exit(0 if asyncio.run(main()) else 1)
