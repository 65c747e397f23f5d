"""Bodies with room for millions of wrong things: only the first is told."""

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from appliance.model_api.anthropic.schemas import MessagesBody
from appliance.model_api.ollama.schemas import ChatIn, CreateIn, DetokenizeIn, GenerateIn
from appliance.model_api.openai.schemas.chat import ChatBody
from appliance.model_api.openai.schemas.completions import CompletionBody
from appliance.model_api.openai.schemas.embeddings import EmbeddingsBody
from appliance.model_api.openai.schemas.responses import ResponseBody

MANY = 10_001
# As many as one field has forms, each of which is tried.
FEW = 10
WRONG: list[object] = [1.5] * MANY
WRONG_MEMBERS: dict[str, object] = {str(number): [] for number in range(MANY)}
SAID = {"role": "user", "content": WRONG}


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (GenerateIn, {"context": WRONG}),
        (GenerateIn, {"images": WRONG}),
        (ChatIn, {"messages": WRONG}),
        (ChatIn, {"tools": WRONG}),
        (ChatIn, {"messages": [{"role": "assistant", "tool_calls": WRONG}]}),
        (CreateIn, {"license": WRONG}),
        (CreateIn, {"files": WRONG_MEMBERS}),
        (DetokenizeIn, {"tokens": WRONG}),
        (ChatBody, {"messages": [SAID]}),
        (ChatBody, {"messages": [{"role": "assistant", "tool_calls": WRONG}]}),
        (ChatBody, {"messages": [], "modalities": WRONG}),
        (ChatBody, {"messages": [], "logit_bias": WRONG_MEMBERS}),
        (ChatBody, {"messages": [], "stop": WRONG}),
        (CompletionBody, {"prompt": WRONG}),
        (CompletionBody, {"prompt": [WRONG]}),
        (EmbeddingsBody, {"input": WRONG}),
        (EmbeddingsBody, {"input": [WRONG]}),
        (ResponseBody, {"input": [SAID]}),
        (ResponseBody, {"input": "x", "include": WRONG}),
        (ResponseBody, {"input": "x", "metadata": WRONG_MEMBERS}),
        (MessagesBody, {"max_tokens": 1, "messages": [SAID]}),
        (MessagesBody, {"max_tokens": 1, "messages": [SAID], "system": WRONG}),
    ],
)
def test_of_many_wrong_things_few_are_told(body: type[BaseModel], fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as refused:
        body.model_validate({"model": "m", **fields})

    assert refused.value.error_count() <= FEW
