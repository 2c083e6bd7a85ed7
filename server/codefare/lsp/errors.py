"""How an error reaches the client: the one place that decides which texts may leave.

pygls puts the exception's text and its traceback on the wire. Paths, code and keys could be in
them, so only texts that were written for the user are sent.
"""

from __future__ import annotations

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from codefare.errors import CodefareError, NoModel, OverBudget, ProviderError, WrongUse

INTERNAL = "internal error; see the codefare log"

_OWN_CODES = frozenset(
    {
        lsp.ErrorCodes.ParseError.value,
        lsp.ErrorCodes.InvalidRequest.value,
        lsp.ErrorCodes.MethodNotFound.value,
        lsp.ErrorCodes.InvalidParams.value,
        lsp.ErrorCodes.ServerNotInitialized.value,
        lsp.LSPErrorCodes.ContentModified.value,
        lsp.LSPErrorCodes.RequestCancelled.value,
        lsp.LSPErrorCodes.RequestFailed.value,
        lsp.LSPErrorCodes.ServerCancelled.value,
    }
)


def response_error(error: BaseException) -> lsp.ResponseError:
    """The JSON-RPC error that answers a request whose handler raised `error`."""
    if isinstance(error, CodefareError):
        return lsp.ResponseError(code=lsp.LSPErrorCodes.RequestFailed.value, message=error.text)
    if isinstance(error, JsonRpcException) and error.code in _OWN_CODES:
        return lsp.ResponseError(code=error.code, message=error.message)
    return lsp.ResponseError(code=lsp.ErrorCodes.InternalError.value, message=INTERNAL)


def loggable(error: CodefareError) -> str:
    """What the log may hold of an error: of a provider's only its kind, since its words may quote the code."""
    return type(error).__name__ if isinstance(error, ProviderError) else error.text


def severity(error: CodefareError) -> lsp.MessageType:
    """A warning for what the user's own settings or wording decide, an error for what failed."""
    if isinstance(error, WrongUse | NoModel | OverBudget):
        return lsp.MessageType.Warning
    return lsp.MessageType.Error
