"""Answers to generate and chat: streamed or whole, or only a model brought in or sent away."""

from dataclasses import dataclass

from starlette.responses import Response

from appliance.base.errors import NotFoundError
from appliance.base.web.identity import Identity
from appliance.base.web.streaming import WholeAnswer
from appliance.engine.text.model import TextRequest
from appliance.model_api.answering import StreamForm, growing_answer, whole_answer
from appliance.model_api.asking import Asking
from appliance.model_api.framing import encoded
from appliance.model_api.ollama.dialect import MissingModelError, SaidError, error_line
from appliance.model_api.ollama.lines import (
    ChatForm,
    Form,
    GenerateForm,
    Lines,
    loaded,
)
from appliance.model_api.ollama.requesting import chat_request, generate_request
from appliance.model_api.ollama.schemas import ChatIn, GenerateIn
from appliance.model_api.ollama.wire import JSON, NDJSON, keep_alive_s
from appliance.model_api.parts import ModelApiParts


@dataclass(frozen=True)
class _Order:
    """One answer to be given."""

    asking: Asking
    body: ChatIn | GenerateIn
    form: Form
    asked_s: float


class Answering:
    """Writes answers for clients of Ollama."""

    def __init__(self, parts: ModelApiParts) -> None:
        self._parts = parts

    async def generate(self, identity: Identity, body: GenerateIn) -> Response:
        """Return the answer to a prompt.

        Raises:
            MissingModelError: If the model is not here.
            SaidError: If something is asked for that cannot be done.
        """
        order = await self._order(identity, body, GenerateForm())
        if not body.prompt and not body.suffix and not body.context:
            return self._loading(order)
        return self._answer(order, generate_request(order.asking, body))

    async def chat(self, identity: Identity, body: ChatIn) -> Response:
        """Return the answer to a conversation.

        Raises:
            MissingModelError: If the model is not here.
            SaidError: If something is asked for that cannot be done.
        """
        order = await self._order(identity, body, ChatForm())
        if not body.messages:
            return self._loading(order)
        return self._answer(order, chat_request(order.asking, body))

    async def _order(self, identity: Identity, body: ChatIn | GenerateIn, form: Form) -> _Order:
        asked_s = self._parts.clock.monotonic_s()
        if not body.model:
            raise SaidError("model is required")
        try:
            asking = await self._parts.asking(identity, body.model)
        except NotFoundError as error:
            raise MissingModelError(f"model '{body.model}' not found") from error
        return _Order(asking, body, form, asked_s)

    def _answer(self, order: _Order, request: TextRequest) -> Response:
        engine = self._parts.engine
        lines = Lines(order.body.model, order.form, self._parts.clock, order.asked_s)
        if order.body.is_streamed:
            # Nothing may stand between the lines: clients take each for an object.
            form = StreamForm(lines, error_line, media_type=NDJSON, beat=b"")
            return growing_answer(request, engine, form, {})
        return whole_answer(request, engine, lines.whole, {"content-type": JSON})

    def _loading(self, order: _Order) -> Response:
        """Return the answer to an empty prompt: the model is brought in, or sent away."""
        stay_s = keep_alive_s(order.body.keep_alive)
        name, host = order.asking.model.name, self._parts.host

        async def made() -> Response:
            if stay_s == 0:
                await host.unload(name)
            else:
                await host.load(name, keep_alive_s=stay_s)
            reason = "unload" if stay_s == 0 else "load"
            now = self._parts.clock.now()
            values = loaded(order.body.model, now, order.form, reason=reason)
            # One object either way; a stream of one line ends with a line's end.
            end = b"\n" if order.body.is_streamed else b""
            media_type = NDJSON if order.body.is_streamed else JSON
            return Response(encoded(values) + end, media_type=media_type)

        return WholeAnswer(made)
