"""A response as the stream of its events: items that are begun, grow and are ended, in order."""

from dataclasses import dataclass, field
from typing import cast

from appliance.engine.text.model import (
    ChosenToken,
    Finished,
    Piece,
    TextEvent,
    Thought,
    ToolCall,
    ToolCalled,
    Writing,
)
from appliance.model_api.framing import named_frame
from appliance.model_api.openai.envelope import Envelope, token_logprobs
from appliance.model_api.openai.response_answers import (
    Json,
    Naming,
    call_item,
    message_item,
    reasoning_item,
    response,
    status_of,
    text_part,
)
from appliance.model_api.openai.schemas.responses import ResponseBody


@dataclass
class ResponseEvents:
    """Writes an answer as the events of a response.

    Attributes:
        around: What stands around the answer.
        body: What was asked; the response repeats it.
        naming: The names of its items.
    """

    around: Envelope
    body: ResponseBody
    naming: Naming
    _number: int = 0
    _output: list[Json] = field(default_factory=list[Json])
    _open: str = ""
    _texts: list[str] = field(default_factory=list[str])
    _tokens: list[ChosenToken] = field(default_factory=list[ChosenToken])
    _is_begun: bool = False

    def take(self, event: TextEvent) -> bytes:
        """Return the events for this one of the engine's."""
        match event:
            case Piece() if event.text or event.tokens:
                return self._begun() + self._written(event)
            case Thought(text=text) if text:
                return self._begun() + self._thought(text)
            case ToolCalled(call=call):
                return self._begun() + self._call(call)
            case Writing():
                return self._begun()
            case Finished():
                return self._begun() + self._end(event)
            case _:
                return b""

    def failed(self, problem: Json | str) -> bytes:
        """Return the last event of a response that failed.

        Args:
            problem: What failed, as the body of an answer would say it.
        """
        error = {} if isinstance(problem, str) else cast("Json", problem["error"])
        told = {"code": "server_error", "message": error.get("message", problem)}
        return self._whole("response.failed", "failed", error=told)

    def _begun(self) -> bytes:
        if self._is_begun:
            return b""
        self._is_begun = True
        created = self._whole("response.created", "in_progress")
        return created + self._whole("response.in_progress", "in_progress")

    def _thought(self, text: str) -> bytes:
        opened = b"" if self._open == "reasoning" else self._opened_reasoning()
        self._texts.append(text)
        place = self._place(self.naming.reasoning, summary_index=0)
        return opened + self._event("response.reasoning_summary_text.delta", **place, delta=text)

    def _opened_reasoning(self) -> bytes:
        closed = self._closed()
        self._open = "reasoning"
        item: Json = {"id": self.naming.reasoning, "type": "reasoning", "summary": []}
        part = {"type": "summary_text", "text": ""}
        place = self._place(self.naming.reasoning, summary_index=0)
        return (
            closed
            + self._added(item)
            + self._event("response.reasoning_summary_part.added", **place, part=part)
        )

    def _written(self, piece: Piece) -> bytes:
        opened = b"" if self._open == "message" else self._opened_message()
        self._texts.append(piece.text)
        self._tokens.extend(piece.tokens)
        return opened + self._event(
            "response.output_text.delta",
            **self._place(self.naming.message, content_index=0),
            delta=piece.text,
            logprobs=[token_logprobs(token) for token in piece.tokens],
        )

    def _opened_message(self) -> bytes:
        closed = self._closed()
        self._open = "message"
        item = {**message_item(self.naming, ""), "status": "in_progress", "content": []}
        place = self._place(self.naming.message, content_index=0)
        return (
            closed
            + self._added(item)
            + self._event("response.content_part.added", **place, part=text_part(""))
        )

    def _call(self, call: ToolCall) -> bytes:
        closed = self._closed()
        item = call_item(call)
        place = self._place(str(item["id"]))
        name = "response.function_call_arguments"
        arguments = item["arguments"]
        return (
            closed
            + self._added({**item, "arguments": "", "status": "in_progress"})
            + self._event(f"{name}.delta", **place, delta=arguments)
            + self._event(f"{name}.done", **place, name=call.name, arguments=arguments)
            + self._done(item)
        )

    def _closed(self) -> bytes:
        kind, text, tokens = self._open, "".join(self._texts), list(self._tokens)
        self._open = ""
        self._texts.clear()
        self._tokens.clear()
        if kind == "message":
            return self._closed_message(text, tokens)
        return self._closed_reasoning(text) if kind else b""

    def _closed_message(self, text: str, tokens: list[ChosenToken]) -> bytes:
        place = self._place(self.naming.message, content_index=0)
        part = text_part(text, tokens)
        logprobs = part["logprobs"]
        return (
            self._event("response.output_text.done", **place, text=text, logprobs=logprobs)
            + self._event("response.content_part.done", **place, part=part)
            + self._done(message_item(self.naming, text, tokens))
        )

    def _closed_reasoning(self, text: str) -> bytes:
        place = self._place(self.naming.reasoning, summary_index=0)
        part = {"type": "summary_text", "text": text}
        return (
            self._event("response.reasoning_summary_text.done", **place, text=text)
            + self._event("response.reasoning_summary_part.done", **place, part=part)
            + self._done(reasoning_item(self.naming, text))
        )

    def _end(self, finished: Finished) -> bytes:
        opened = b"" if self._open or self._output else self._opened_message()
        status = status_of(finished)
        return opened + self._closed() + self._whole(f"response.{status}", status, finished)

    def _added(self, item: Json) -> bytes:
        return self._event("response.output_item.added", output_index=len(self._output), item=item)

    def _done(self, item: Json) -> bytes:
        index = len(self._output)
        self._output.append(item)
        return self._event("response.output_item.done", output_index=index, item=item)

    def _place(self, item_id: str, **within: int) -> dict[str, object]:
        return {"item_id": item_id, "output_index": len(self._output), **within}

    def _whole(
        self,
        kind: str,
        status: str,
        finished: Finished | None = None,
        error: Json | None = None,
    ) -> bytes:
        told = response(
            self.around,
            self.body,
            status=status,
            output=self._output,
            finished=finished,
            error=error,
        )
        return self._event(kind, response=told)

    def _event(self, kind: str, **members: object) -> bytes:
        number = self._number
        self._number += 1
        return named_frame({"type": kind, "sequence_number": number, **members})
