"""What `/v1/completions` answers: whole, and as a stream of chunks."""

from collections.abc import Sequence
from dataclasses import dataclass

from appliance.engine.text.model import ChosenToken, Finished, Piece, TextEvent, Writing
from appliance.model_api.framing import data_frame
from appliance.model_api.gathering import Gathered
from appliance.model_api.openai.envelope import END, Envelope, finish_reason, usage

_KIND = "text_completion"


def text_completion(
    answers: Sequence[Gathered], around: Envelope, *, echoes: Sequence[str], wants_logprobs: bool
) -> dict[str, object]:
    """Return the whole answer.

    Args:
        answers: One per prompt.
        around: What stands around them.
        echoes: What stands before the text of each.
        wants_logprobs: Whether the probabilities of their tokens were asked for.
    """
    choices = [
        {
            "index": index,
            "text": echo + answer.text,
            "logprobs": _logprobs(answer.tokens, 0) if wants_logprobs else None,
            "finish_reason": finish_reason(answer.finished, has_calls=False),
        }
        for index, (answer, echo) in enumerate(zip(answers, echoes, strict=True))
    ]
    return {**around.headed(_KIND), "choices": choices, "usage": _sum_of(answers)}


@dataclass
class CompletionChunks:
    """Writes a text as chunks.

    Attributes:
        around: What stands around it.
        includes_usage: Whether a last chunk tells what it cost.
        echo: What stands before it.
    """

    around: Envelope
    includes_usage: bool = False
    echo: str = ""
    _offset: int = 0

    def take(self, event: TextEvent) -> bytes:
        """Return the chunks for this event."""
        match event:
            case Piece() if event.text or event.tokens:
                return self._begun() + self._piece(event)
            case Writing():
                return self._begun()
            case Finished():
                return self._begun() + self._end(event)
            case _:
                return b""

    def _begun(self) -> bytes:
        if not self.echo:
            return b""
        echo, self.echo = self.echo, ""
        return self._chunk(echo)

    def _piece(self, piece: Piece) -> bytes:
        logprobs = _logprobs(piece.tokens, self._offset) if piece.tokens else None
        self._offset += len(piece.text)
        return self._chunk(piece.text, logprobs=logprobs)

    def _end(self, finished: Finished) -> bytes:
        chunks = self._chunk("", reason=finish_reason(finished, has_calls=False))
        if self.includes_usage:
            chunks += data_frame(
                {**self.around.headed(_KIND), "choices": [], "usage": usage(finished)}
            )
        return chunks + END

    def _chunk(self, text: str, *, logprobs: object = None, reason: str | None = None) -> bytes:
        choice = {"index": 0, "text": text, "logprobs": logprobs, "finish_reason": reason}
        chunk = {**self.around.headed(_KIND), "choices": [choice]}
        if self.includes_usage:
            chunk["usage"] = None
        return data_frame(chunk)


def _logprobs(tokens: Sequence[ChosenToken], offset: int) -> dict[str, object]:
    offsets: list[int] = []
    for token in tokens:
        offsets.append(offset)
        offset += len(token.text)
    return {
        "tokens": [token.text for token in tokens],
        "token_logprobs": [token.logprob for token in tokens],
        "top_logprobs": [
            {other.text: other.logprob for other in token.alternatives} for token in tokens
        ],
        "text_offset": offsets,
    }


def _sum_of(answers: Sequence[Gathered]) -> dict[str, object]:
    if len(answers) == 1:
        return usage(answers[0].finished)
    read = sum(answer.finished.prompt_tokens for answer in answers)
    written = sum(answer.finished.completion_tokens for answer in answers)
    cached = sum(answer.finished.cached_tokens for answer in answers)
    return {
        "prompt_tokens": read,
        "completion_tokens": written,
        "total_tokens": read + written,
        "prompt_tokens_details": {"cached_tokens": cached},
    }
