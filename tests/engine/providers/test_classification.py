import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.engine.providers.classification import fault_of, fault_of_error
from appliance.engine.providers.model import Fault

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)

OPENAI_QUOTA = {
    "error": {
        "message": "You exceeded your current quota, please check your plan and billing details.",
        "type": "insufficient_quota",
        "param": None,
        "code": "insufficient_quota",
    }
}
OPENAI_LONG = {
    "error": {
        "message": "This model's maximum context length is 128000 tokens.",
        "type": "invalid_request_error",
        "code": "context_length_exceeded",
    }
}
GEMINI_KEY = [
    {
        "error": {
            "code": 400,
            "message": "API key not valid. Please pass a valid API key.",
            "status": "INVALID_ARGUMENT",
            "details": [{"reason": "API_KEY_INVALID", "domain": "googleapis.com"}],
        }
    }
]
GEMINI_BUSY = [
    {
        "error": {
            "code": 429,
            "message": "You exceeded your current quota.",
            "status": "RESOURCE_EXHAUSTED",
            "details": [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "36s"}],
        }
    }
]
GEMINI_SIGNATURE = [
    {
        "error": {
            "code": 400,
            "message": "Function call is missing a thought_signature in functionCall parts.",
            "status": "INVALID_ARGUMENT",
        }
    }
]
XAI_KEY = {"code": "Client specified an invalid argument", "error": "Incorrect API key provided."}
CLAUDE_BUSY = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
CLAUDE_MONEY = {
    "type": "error",
    "error": {"type": "invalid_request_error", "message": "Your credit balance is too low."},
}
CLAUDE_LONG = {
    "type": "error",
    "error": {"type": "invalid_request_error", "message": "prompt is too long: 208310 tokens"},
}
OLLAMA_MISSING = {"error": "model 'llama9' not found"}
FILTERED = {"error": {"code": "content_filter", "message": "The response was filtered"}}


@pytest.mark.parametrize(
    ("status", "body", "fault"),
    [
        (400, GEMINI_KEY, Fault.CONFIG),
        (400, GEMINI_SIGNATURE, Fault.REQUEST),
        (400, XAI_KEY, Fault.CONFIG),
        (400, CLAUDE_MONEY, Fault.CONFIG),
        (400, CLAUDE_LONG, Fault.TOO_LONG),
        (400, OPENAI_LONG, Fault.TOO_LONG),
        (400, FILTERED, Fault.REFUSAL),
        (400, {"error": "top_k must be positive"}, Fault.REQUEST),
        (401, {}, Fault.CONFIG),
        (402, {}, Fault.CONFIG),
        (403, {}, Fault.CONFIG),
        (404, OLLAMA_MISSING, Fault.CONFIG),
        (302, {}, Fault.CONFIG),
        (408, {}, Fault.TRANSIENT),
        (409, {}, Fault.TRANSIENT),
        (413, {}, Fault.REQUEST),
        (422, {}, Fault.REQUEST),
        (429, {}, Fault.OVERLOAD),
        (429, OPENAI_QUOTA, Fault.CONFIG),
        (429, GEMINI_BUSY, Fault.OVERLOAD),
        (500, {}, Fault.TRANSIENT),
        (502, {}, Fault.TRANSIENT),
        (503, {}, Fault.OVERLOAD),
        (529, CLAUDE_BUSY, Fault.OVERLOAD),
    ],
)
def test_each_recorded_error_is_of_its_kind(status, body, fault):
    failure = fault_of(status, {}, json.dumps(body).encode(), now=NOW)

    assert failure.fault is fault


@pytest.mark.parametrize(
    ("headers", "body", "wait_s"),
    [
        ({"retry-after": "12"}, {}, 12),
        ({"retry-after": "1.5"}, {}, 1.5),
        ({"retry-after-ms": "250"}, {}, 0.25),
        ({"retry-after": "Sat, 21 Nov 2026 12:01:00 GMT"}, {}, 60),
        ({"retry-after": "Sat, 21 Nov 2026 11:00:00 GMT"}, {}, 0),
        ({"retry-after": "999999999"}, {}, 86_400),
        ({"retry-after": "soon"}, {}, None),
        ({"retry-after": "1e999"}, {}, None),
        ({}, GEMINI_BUSY, 36),
        ({}, {}, None),
    ],
)
def test_when_to_come_back_is_understood_in_all_its_forms(headers, body, wait_s):
    failure = fault_of(429, headers, json.dumps(body).encode(), now=NOW)

    assert failure.retry_after_s == wait_s


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (CLAUDE_BUSY["error"], Fault.OVERLOAD),
        ("an error was encountered while running the model", Fault.TRANSIENT),
        ("the input length exceeds the context length", Fault.TOO_LONG),
        ({"code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE"}, "overload"),
        ({"message": "blocked for safety"}, Fault.REFUSAL),
    ],
)
def test_an_error_inside_a_stream_is_of_its_kind(error, fault):
    assert fault_of_error(error).fault == fault


def test_what_a_provider_wrote_is_never_told():
    failure = fault_of(400, {}, b'{"error": "key sk-secret is not for /home/x"}', now=NOW)

    assert "sk-secret" not in f"{failure} {failure.detail}"


@given(status=st.integers(100, 599), headers=st.dictionaries(st.just("retry-after"), st.text()),
       body=st.binary(max_size=400))  # fmt: skip
def test_whatever_comes_is_some_kind_of_failure(status, headers, body):
    failure = fault_of(status, headers, body, now=NOW)

    assert failure.retry_after_s is None or 0 <= failure.retry_after_s <= 86_400
