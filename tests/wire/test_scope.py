"""Whom a refusal means: one model, or the key and with it all models of the provider."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.wire.asking import ask
from tests.wire.server import Answer, WireServer, refusal
from tests.wire.vendors import PROVIDERS, at

from codefare.errors import KeyRefused, OutOfCredit, RequestRefused
from codefare.providers.complaint import complaint_in
from codefare.providers.failure import error_of

if TYPE_CHECKING:
    from codefare.providers.http import Transport

# As the vendors and gateways say it.
NOT_HERE: list[tuple[str, int, Any]] = [
    ("openai", 404, {"message": "The model `x` does not exist", "code": "model_not_found"}),
    ("openai", 400, "/chat/completions: Invalid model name passed in model=x. Call `/v1/models`."),
    (
        "openai",
        400,
        {
            "message": "/chat/completions: Invalid model name passed in model=x.",
            "type": "None",
            "code": "400",
        },
    ),
    ("openai", 400, {"message": "The model `x` does not exist or you do not have access to it."}),
    ("openai", 400, {"message": "Unavailable", "code": "model_decommissioned"}),
    ("openai", 400, {"message": "Unknown model: x", "code": "unknown_model"}),
    ("openrouter", 400, {"message": "x/y is not a valid model ID", "code": 400}),
    ("deepseek", 400, {"message": "Model Not Exist", "type": "invalid_request_error"}),
    ("anthropic", 400, {"type": "invalid_request_error", "message": "Invalid model: x"}),
    ("local", 400, {"message": "model 'x' not found", "type": "invalid_request_error"}),
    ("openai", 422, {"message": "model x was not found"}),
]
NOT_FOR_THIS_KEY: list[tuple[str, int, Any]] = [
    (
        "anthropic",
        403,
        {
            "type": "permission_error",
            "message": "Your API key does not have permission to use the specified resource.",
        },
    ),
    (
        "openai",
        403,
        {
            "message": "Project `proj_1` does not have access to model `x`",
            "type": "invalid_request_error",
            "code": "model_not_found",
        },
    ),
    (
        "openai",
        403,
        {"message": "Your account is not valid for x", "code": "model_not_available"},
    ),
    ("openai", 403, {"message": "Your organization must be verified to use the model `x`."}),
    ("openrouter", 403, {"message": "Your chosen model requires moderation", "code": 403}),
    ("openai", 403, "Access denied"),
    ("openai", 403, None),
]
NOT_THIS_KEY: list[tuple[str, int, Any]] = [
    ("anthropic", 403, {"type": "authentication_error", "message": "no"}),
    (
        "anthropic",
        403,
        {"type": "permission_error", "message": "This organization has been disabled."},
    ),
    (
        "openai",
        403,
        {
            "message": "Country, region, or territory not supported",
            "code": "unsupported_country_region_territory",
        },
    ),
    ("openai", 403, {"message": "Incorrect API key provided"}),
    ("openai", 403, "Permission denied: Consumer 'api_key:x' has been suspended."),
    ("moonshot", 403, {"message": "Your account o-1 is not active, current state: suspended"}),
    ("openai", 401, {"message": "no such model"}),
]
OTHERWISE_WRONG: list[tuple[str, int, Any]] = [
    ("openai", 400, {"message": "Invalid 'max_tokens': must be at least 1"}),
    ("openai", 400, {"message": "Unsupported parameter: 'max_tokens' with this model."}),
    ("openai", 400, {"message": "This model does not support 'temperature'"}),
    ("openai", 400, {"message": "Invalid model parameter: top_p"}),
    ("openai", 400, {"message": "The model `x` needs a field that was not found"}),
    ("anthropic", 400, {"type": "invalid_request_error", "message": "messages: not found"}),
    ("openai", 422, {"message": "Input should be a valid string"}),
]


def _answer(status: int, error: Any) -> Answer:
    return refusal(status, {"error": error} if error else None)


@pytest.mark.parametrize(("provider", "status", "error"), [*NOT_HERE, *NOT_FOR_THIS_KEY])
async def test_what_is_about_one_model_goes_elsewhere(
    server: WireServer, transport: Transport, provider: str, status: int, error: Any
) -> None:
    """However it is said that the provider has no such model, or not for this key: another offering may serve."""
    server.answer(_answer(status, error))
    heard = await ask(transport, at(PROVIDERS[provider], server.url))
    assert type(heard.error) is RequestRefused
    assert heard.attempts == [1]
    assert heard.error.elsewhere
    assert "model" in heard.error.remedy


@pytest.mark.parametrize(("provider", "status", "error"), NOT_THIS_KEY)
async def test_what_is_about_the_key_means_all_models(
    server: WireServer, transport: Transport, provider: str, status: int, error: Any
) -> None:
    """A key that is not valid, an account that is closed and a country that is not served are no matter of a model."""
    server.answer(_answer(status, error))
    heard = await ask(transport, at(PROVIDERS[provider], server.url))
    assert type(heard.error) is KeyRefused
    assert heard.attempts == [1]


@pytest.mark.parametrize(("provider", "status", "error"), OTHERWISE_WRONG)
async def test_what_is_wrong_with_the_request_goes_nowhere(
    server: WireServer, transport: Transport, provider: str, status: int, error: Any
) -> None:
    """A complaint that names a model or something not found is not yet one about a model that is not found."""
    server.answer(_answer(status, error))
    heard = await ask(transport, at(PROVIDERS[provider], server.url))
    assert type(heard.error) is RequestRefused
    assert not heard.error.elsewhere


async def test_a_keys_own_limit_at_openrouter_is_no_credit(
    server: WireServer, transport: Transport
) -> None:
    """It says so with a 403: no other model of it serves until the limit is raised."""
    said = {"message": "Key limit exceeded (monthly limit).", "code": 403}
    server.refuse(403, {"error": said})
    heard = await ask(transport, at(PROVIDERS["openrouter"], server.url))
    assert type(heard.error) is OutOfCredit


def test_inside_a_stream_a_missing_model_is_one_too() -> None:
    """There the object has no status of its own; sending it again would not help."""
    for error in ({"code": "model_not_found", "message": "x"}, {"message": "Invalid model: x"}):
        said = error_of(PROVIDERS["openai"], complaint_in({"error": error}))
        assert type(said) is RequestRefused
        assert said.elsewhere


def test_where_no_model_is_asked_for_a_403_is_about_the_key() -> None:
    """A look at the list of models names none."""
    complaint = complaint_in({"error": "Access denied"}, 403)
    assert isinstance(error_of(PROVIDERS["openai"], complaint, of_model=False), KeyRefused)
