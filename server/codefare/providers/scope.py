"""Whom a refusal means: one model, or the key and its account, and with them all models of a provider."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codefare.providers.complaint import Complaint
    from codefare_catalog import Provider

# Codes of OpenAI and its compatibles, Mistral, GitHub, Groq: the model of that name is not there, or not for this key.
_NO_MODEL = (
    "invalid_model",
    "model_decommissioned",
    "model_not_available",
    "model_not_found",
    "model_not_supported",
    "unknown_model",
    "unsupported_model",
)
# LiteLLM says "Invalid model name passed in model=x", Mistral "Invalid model: x", OpenRouter "x is not a valid model
# ID", DeepSeek "Model Not Exist", OpenAI "The model `x` does not exist or you do not have access to it".
_NO_MODEL_SAID = re.compile(
    r"\b(?:invalid|unknown|no such) model(?: name| id)?(?::| passed| ['\"`]|\.?$)"
    r"|\bnot a valid model (?:id|name)\b"
    r"|\bmodel(?: (?:['\"`][^'\"`]{1,100}['\"`]|\S{1,100}))? (?:was |is )?(?:not found|(?:does )?not exist)\b"
)
_KEY = (
    "account_deactivated",
    "authentication_error",
    "invalid_api_key",
    "invalid_authentication_error",
    "ip_not_authorized",
    "unsupported_country_region_territory",
)
_KEY_SAID = re.compile(
    r"\b(?:invalid|incorrect|expired|disabled|revoked|unknown|wrong) (?:api )?key\b"
    r"|\b(?:key|account|organi[sz]ation|consumer)\b.{0,100}?"
    r"\b(?:is|was|has|has been) "
    r"(?:not active|not valid|invalid|expired|disabled|deactivated|revoked|suspended|blocked)\b"
    r"|\bcountry, region\b|\blocation is not supported\b|\bip\b.{0,60}?\bnot (?:authorized|allowed)\b"
)


def lacks_model(provider: Provider, complaint: Complaint) -> bool:
    """Whether it says that the provider does not have the model: some do so with status 400 or 403."""
    said = complaint.message.casefold()
    return (
        complaint.says((*_NO_MODEL, *provider.errors.no_model))
        or _NO_MODEL_SAID.search(said) is not None
    )


def means_key(provider: Provider, complaint: Complaint) -> bool:
    """Whether it says that the key or its account is not taken, for whatever model."""
    said = complaint.message.casefold()
    if complaint.says(_KEY):
        return True
    return not lacks_model(provider, complaint) and _KEY_SAID.search(said) is not None
