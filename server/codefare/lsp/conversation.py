"""Messages to and from one client, on top of pygls' protocol, made safe to spend money behind.

What pygls 2.1.1 does wrong and where it is mended: a request is always answered, and never with an
exception's text (`receive`, `_answer`); requests out of season are refused (`_refusal`); a null or
late response reaches or spares its waiter (`_receive_response`); finished futures are dropped
(`_execute_handler`). Nothing that a client sent is ever logged, only names of methods.
"""

from __future__ import annotations

import asyncio
import contextvars
import itertools
import json
import logging
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from lsprotocol import types as lsp
from pygls.exceptions import (
    JsonRpcException,
    JsonRpcInvalidParams,
    JsonRpcInvalidRequest,
    JsonRpcMethodNotFound,
    JsonRpcParseError,
    JsonRpcRequestCancelled,
    JsonRpcServerNotInitialized,
)
from pygls.protocol import JsonRPCNotification, JsonRPCRequestMessage, LanguageServerProtocol

from codefare.errors import CodefareError
from codefare.lsp.errors import loggable, response_error

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from concurrent.futures import Future

    from cattrs import Converter

    from codefare.lsp.base import Server

log = logging.getLogger(__name__)

_Id = int | str
MOST_AT_ONCE = 1000
"""Requests of the client's that are under way; an editor has a few dozen, and each takes some 4 KB."""


class NoAnswer(Exception):
    """The client did not answer a request of ours in time."""


class Conversation(LanguageServerProtocol):
    """What is said with one client: `receive` takes its messages, `ask` and `notify` send ours."""

    _server: Server
    RAW: ClassVar[frozenset[str]] = frozenset()
    """Methods of our own whose handlers get the params as JSON, to read what can be read of them."""

    def __init__(self, server: Server, converter: Converter) -> None:
        # By id: who waits for the client's answer, and the type of that answer.
        self._asked: dict[_Id, tuple[Future[Any], Any]] = {}
        self._numbers = itertools.count(1)
        self._under_way = 0
        super().__init__(server, converter)

    # -- what comes in ------------------------------------------------------------------------

    def receive(self, body: bytes) -> None:
        """Handles one message, whatever it is. Raises nothing."""
        try:
            message = json.loads(body.decode("utf-8"))
        except (ValueError, RecursionError):
            log.warning("a message that is not JSON in UTF-8 (%d bytes)", len(body))
            self._answer(None, JsonRpcParseError("the message is not JSON in UTF-8"))
            return
        if not isinstance(message, dict) or message.get("jsonrpc") != self.VERSION:
            log.warning("a message that is not JSON-RPC 2.0")
            self._answer(None, JsonRpcInvalidRequest("the message is not JSON-RPC 2.0"))
            return
        # Each handler gets a context of its own, as in pygls: the request's id is kept there.
        context = contextvars.copy_context()
        try:
            if "method" not in message:
                context.run(self._receive_response, message)
            elif "id" in message:
                context.run(self._receive_request, message)
            else:
                context.run(self._receive_notification, message)
        except Exception:
            log.exception("a message of method %r failed", message.get("method"))

    def refuse(self, reason: str) -> None:
        """Answers bytes that were no message."""
        log.warning("the client sent %s", reason)
        self._answer(None, JsonRpcParseError(reason))

    @property
    def shut_down(self) -> bool:
        """Whether the client said `shutdown`."""
        return self._shutdown

    def _receive_request(self, message: dict[str, Any]) -> None:
        msg_id, method = message["id"], message["method"]
        if not isinstance(msg_id, _Id) or not isinstance(method, str):
            self._answer(None, JsonRpcInvalidRequest("the id or the method has a wrong type"))
            return
        if refusal := self._refusal(method):
            self._answer(msg_id, refusal)
            return
        handler = self._handler(method)
        if handler is None:
            log.info("a request of the unknown method %r", method)
            self._answer(msg_id, JsonRpcMethodNotFound.of(method))
            return
        params = self._params(message, JsonRPCRequestMessage)
        if isinstance(params, JsonRpcException):
            self._answer(msg_id, params)
            return
        if self._under_way >= MOST_AT_ONCE and method != lsp.SHUTDOWN:
            crowded = f"{self._under_way:,} requests are under way already: this one is not served"
            self._answer(msg_id, JsonRpcException(crowded, lsp.LSPErrorCodes.ServerCancelled.value))
            return
        self._ctx_msg_id.set(msg_id)
        self._under_way += 1
        finished = partial(self._finish_request, msg_id, method)
        self._execute_handler(msg_id, handler, finished, (params,))

    def _refusal(self, method: str) -> JsonRpcException | None:
        """Why a request cannot be served at this moment of the session (LSP, server lifecycle)."""
        if self._shutdown:
            return JsonRpcInvalidRequest("the server is shutting down")
        if method == lsp.INITIALIZE:
            if self._workspace is not None:
                return JsonRpcInvalidRequest("the server is initialized already")
        elif self._workspace is None:
            return JsonRpcServerNotInitialized("the server is not initialized yet")
        return None

    def _receive_notification(self, message: dict[str, Any]) -> None:
        method = message["method"]
        if method != lsp.EXIT and (self._shutdown or self._workspace is None):
            return
        if not isinstance(method, str):
            return
        handler = self._handler(method)
        if handler is None:
            if not method.startswith("$/"):  # those may be ignored, says the specification
                log.info("a notification of the unknown method %r", method)
            return
        params = self._params(message, JsonRPCNotification)
        if isinstance(params, JsonRpcException):
            self.malformed(method, message.get("params"))
            return
        finished = partial(self._finish_notification, method)
        self._execute_handler(f"{method} {next(self._numbers)}", handler, finished, (params,))

    def malformed(self, method: str, params: Any) -> None:
        """Called for a notification that could not be read; `params` is its raw JSON."""

    def _receive_response(self, message: dict[str, Any]) -> None:
        future, result_type = self._asked.pop(message.get("id", ""), (None, None))
        if future is None or future.done():
            log.debug("a response that nobody waits for")
            return
        error, result = message.get("error"), message.get("result")
        try:
            if error is not None:
                future.set_exception(
                    JsonRpcException.from_error(self._converter.structure(error, lsp.ResponseError))
                )
            elif result is None or result_type is None:
                # Some clients answer null where a result is due, and what answers a method of our own has no type: the
                # waiter decides what it means.
                future.set_result(result)
            else:
                future.set_result(self._converter.structure(message, result_type).result)
        except Exception as failure:  # noqa: BLE001  # cattrs raises whatever the data provokes
            log.warning("a response of the client is malformed: %s", type(failure).__name__)
            future.set_exception(JsonRpcInvalidParams("the client's answer is malformed"))

    def _handler(self, method: str) -> Callable[..., Any] | None:
        return self.fm.builtin_features.get(method) or self.fm.features.get(method)

    def _params(self, message: dict[str, Any], fallback: type) -> Any:
        """The structured params, or the error that says that they are malformed."""
        method = message["method"]
        if method in self.RAW:
            return message.get("params")
        kind = self.get_message_type(method) or fallback
        if method in {lsp.INITIALIZED, lsp.SHUTDOWN, lsp.EXIT}:
            # Clients differ in what they send where the specification wants nothing of interest.
            message["params"] = {} if method == lsp.INITIALIZED else None
        elif kind is fallback:
            message.setdefault("params", None)
        try:
            return self._converter.structure(message, kind).params
        except Exception as error:  # noqa: BLE001  # as above
            log.warning("malformed params of %r: %s", method, type(error).__name__)
            return JsonRpcInvalidParams(f"malformed params of {method}")

    # -- handlers -----------------------------------------------------------------------------

    def _execute_handler(
        self,
        msg_id: _Id,
        handler: Callable[..., Any],
        callback: Callable[[Any], None],
        args: tuple[Any, ...] | None = None,
        kwargs: dict[str, Any] | None = None,
    ) -> None:
        def finished(future: Any) -> None:
            self._request_futures.pop(msg_id, None)
            callback(future)

        super()._execute_handler(msg_id, handler, finished, args, kwargs)

    def _finish_request(self, msg_id: _Id, method: str, future: Any) -> None:
        self._under_way -= 1
        if future.cancelled():
            self._answer(msg_id, JsonRpcRequestCancelled("the request was cancelled"))
        elif (error := future.exception()) is not None:
            _log_failure(method, error)
            self._answer(msg_id, error)
        else:
            try:
                self._send_response(msg_id, result=future.result())
            except Exception as failure:  # noqa: BLE001  # JSON cannot say it: answer all the same
                _log_failure(method, failure)
                self._answer(msg_id, failure)

    def _finish_notification(self, method: str, future: Any) -> None:
        if not future.cancelled() and (error := future.exception()) is not None:
            _log_failure(method, error)

    def _answer(self, msg_id: _Id | None, error: BaseException) -> None:
        self._send_data(lsp.ResponseErrorMessage(id=msg_id, error=response_error(error)))

    # -- what goes out ------------------------------------------------------------------------

    def ask(self, method: str, params: Any, *, limit: float) -> Coroutine[Any, Any, Any]:
        """Sends a request at once; awaited, it waits at most `limit` seconds for the result (None if null).

        Raises:
            NoAnswer: nothing came in time; the request is withdrawn.
            JsonRpcException: the client answered with an error.
        """
        own_id = f"codefare-{next(self._numbers)}"
        future = self.send_request(method, params, msg_id=own_id)
        return self._wait_for(method, own_id, future, limit)

    async def _wait_for(self, method: str, own_id: str, future: Future[Any], limit: float) -> Any:
        try:
            # Not wait_for: Python 3.11's takes the answer for more than a cancellation of the same moment, and whoever
            # cancelled an action as he agreed to its price would pay it.
            async with asyncio.timeout(limit):
                return await asyncio.wrap_future(future)
        except TimeoutError as error:
            raise NoAnswer(method) from error
        finally:
            if self._asked.pop(own_id, None) is not None:
                self.notify(lsp.CANCEL_REQUEST, lsp.CancelParams(id=own_id))

    def send_request(
        self,
        method: str,
        params: Any | None = None,
        callback: Callable[[Any], None] | None = None,
        msg_id: _Id | None = None,
    ) -> Future[Any]:
        """As pygls', but kept apart from the client's requests, whose ids are the client's."""
        own_id = msg_id or f"codefare-{next(self._numbers)}"
        try:
            future = super().send_request(method, params, callback, own_id)
        finally:
            self._request_futures.pop(own_id)
            result_type = self._result_types.pop(own_id, None)
        self._asked[own_id] = (future, result_type)
        return future

    def _send_data(self, data: Any) -> None:
        if self.writer is None:
            return
        # ASCII with escapes: a lone surrogate, which JSON can say and UTF-8 cannot, survives.
        body = json.dumps(data, default=self._serialize_message, separators=(",", ":"))
        self.writer.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body.encode("ascii")))


def _log_failure(method: str, error: BaseException) -> None:
    if isinstance(error, CodefareError):
        log.warning("%s: %s", method, loggable(error))
    elif isinstance(error, JsonRpcException):
        log.warning("%s: %s", method, error.message)
    else:
        log.error("%s failed", method, exc_info=error)
