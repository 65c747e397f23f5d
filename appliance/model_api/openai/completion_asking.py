"""What `/v1/completions` asks of the engine: the text as it is, without a template."""

from dataclasses import replace

from appliance.base.errors import BadRequestError
from appliance.engine.library.model import Capability
from appliance.engine.text.model import TextRequest, WhenTooLong
from appliance.model_api.asking import Asking, demand, likely_tokens
from appliance.model_api.openai.chat_asking import penalty_options
from appliance.model_api.openai.refusing import UnsupportedError, refuse_more_than_one
from appliance.model_api.openai.schemas.completions import CompletionBody


def completion_requests(body: CompletionBody, asking: Asking) -> list[TextRequest]:
    """Return what the engine is asked, prompt by prompt.

    Raises:
        ApplianceError: If something is asked that cannot be done; it names the field.
    """
    _refuse_unsupported(body)
    demand(asking.model, Capability.COMPLETION, shown_name=body.model)
    options = penalty_options(body)
    if body.max_tokens is not None:
        options["num_predict"] = body.max_tokens
    request = replace(
        asking.without_turns(options),
        top_logprobs=_likely_tokens(body),
        when_too_long=WhenTooLong.CUT_THE_MIDDLE if body.truncate else WhenTooLong.REFUSE,
    )
    return [
        replace(
            request,
            request_id=f"{request.request_id}-{number}" if number else request.request_id,
            raw_prompt=_raw_prompt(prompt, body, asking) if isinstance(prompt, str) else "",
            prompt_before=() if isinstance(prompt, str) else tuple(prompt),
        )
        for number, prompt in enumerate(body.prompts)
    ]


def _raw_prompt(prompt: str, body: CompletionBody, asking: Asking) -> str:
    if not body.suffix:
        return prompt
    fill_in = asking.model.facts.fill_in
    if fill_in is None:
        raise BadRequestError(
            f"{body.model} does not support insert", code="model_cannot", field="suffix"
        )
    return f"{fill_in.prefix}{prompt}{fill_in.suffix}{body.suffix}{fill_in.middle}"


def _refuse_unsupported(body: CompletionBody) -> None:
    refuse_more_than_one("n", body.n)
    refuse_more_than_one("best_of", body.best_of)
    prompts = body.prompts
    if body.stream and len(prompts) > 1:
        raise UnsupportedError("A stream answers one prompt.", field="prompt")
    if body.echo and body.logprobs is not None:
        raise UnsupportedError(
            "Probabilities are told of what is written, not of the prompt.", field="echo"
        )
    if body.suffix and not isinstance(prompts[0], str):
        raise UnsupportedError("With a suffix the prompt is a text.", field="suffix")


def _likely_tokens(body: CompletionBody) -> int | None:
    try:
        return likely_tokens(logprobs=body.logprobs is not None, top_logprobs=body.logprobs)
    except BadRequestError as error:
        error.fields["field"] = "logprobs"
        raise
