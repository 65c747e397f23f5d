"""One prompt, one answer, as MAIS's clients ask."""

from starlette.responses import Response

from appliance.base.web.identity import Identity
from appliance.base.web.streaming import WholeAnswer
from appliance.engine.text.model import TextRequest, Turn, WhenTooLong
from appliance.engine.text.port import TextEngine
from appliance.model_api.asking import fairness_key_of
from appliance.model_api.framing import encoded
from appliance.model_api.gathering import gathered
from appliance.model_api.ollama.schemas import MaisPromptIn
from appliance.model_api.ollama.wire import JSON
from appliance.model_api.parts import ModelApiParts


class MaisPrompting:
    """Answers a prompt with the model that the owner chose."""

    def __init__(self, parts: ModelApiParts, chosen: TextEngine) -> None:
        self._parts = parts
        self._chosen = chosen

    def answer(self, identity: Identity, body: MaisPromptIn) -> Response:
        """Return the answer, who wrote it and how long it took."""
        asked_s = self._parts.clock.monotonic_s()
        request = TextRequest(
            request_id=self._parts.ids.new_id(),
            turns=_turns(body),
            fairness_key=fairness_key_of(identity),
            when_too_long=WhenTooLong.REFUSE,
            may_repeat=True,
        )

        async def made() -> Response:
            answer = await gathered(self._chosen.generate(request))
            took_s = self._parts.clock.monotonic_s() - asked_s
            values: dict[str, object] = {
                "response": answer.text,
                "model": answer.finished.model,
                "cached": answer.finished.origin.is_cached,
                "response_time_ms": round(took_s * 1000),
            }
            return Response(encoded(values), media_type=JSON)

        return WholeAnswer(made)


def _turns(body: MaisPromptIn) -> tuple[Turn, ...]:
    question = Turn("user", body.prompt)
    if not body.context:
        return (question,)
    text = body.context if isinstance(body.context, str) else encoded(body.context).decode()
    return (Turn("system", text), question)
