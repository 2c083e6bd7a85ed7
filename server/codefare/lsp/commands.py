"""The arguments of `workspace/executeCommand`, checked against the handler's signature.

pygls wants every parameter of the handler in the request. Some clients drop all arguments, so a
parameter with a default may be missing here.
"""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Any, get_type_hints

from pygls.exceptions import JsonRpcInvalidParams

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cattrs import Converter

# cattrs coerces to these: null would become the string "None".
_SCALARS: dict[Any, tuple[type, ...]] = {
    str: (str,),
    int: (int,),
    float: (int, float),
    bool: (bool,),
}


def command_arguments(
    handler: Callable[..., Any], sent: Sequence[Any], converter: Converter
) -> list[Any]:
    """Structures `sent` by the annotations of `handler` (JSON's types, dataclasses, attrs classes).

    Annotations must be importable at run time: not under `if TYPE_CHECKING`.

    Raises:
        JsonRpcInvalidParams: too few, too many, or one that does not fit. The text names the
            parameter and never quotes its value, which may be code.
    """
    parameters, hints = _signature(handler)
    required = sum(parameter.default is parameter.empty for parameter in parameters)
    if not required <= len(sent) <= len(parameters):
        expected = f"{required} to {len(parameters)}"
        raise JsonRpcInvalidParams(f"expected {expected} arguments, got {len(sent)}")
    arguments = []
    for parameter, value in zip(parameters, sent, strict=False):
        hint = hints.get(parameter.name, Any)
        wrong = JsonRpcInvalidParams(f"the argument {parameter.name!r} does not fit")
        if not isinstance(value, _SCALARS.get(hint, (object,))):
            raise wrong
        try:
            arguments.append(converter.structure(value, hint))
        except Exception as error:
            raise wrong from error
    return arguments


def _signature(handler: Callable[..., Any]) -> tuple[list[inspect.Parameter], dict[str, Any]]:
    """The parameters that the client fills, and the types of all."""
    original = getattr(handler, "func", None)
    parameters = list(inspect.signature(handler).parameters.values())
    if original is not None and not isinstance(handler, functools.partial):
        # pygls wraps a coroutine function that takes the server first in a (*args, **kwargs) one.
        parameters = list(inspect.signature(original).parameters.values())[1:]
    return parameters, get_type_hints(original or handler)
