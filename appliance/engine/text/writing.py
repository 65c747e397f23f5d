"""What is written: from the figures of a step to the text that is told."""

from appliance.base.clock import Clock
from appliance.engine.text.llama import Llama
from appliance.engine.text.model import FinishReason
from appliance.engine.text.reports import Reports
from appliance.engine.text.underway import Answer


class Writer:
    """Chooses the next tokens of answers, and tells what they come to."""

    def __init__(self, llama: Llama, *, clock: Clock, reports: Reports) -> None:
        self._llama = llama
        self._clock = clock
        self._reports = reports

    def take(self, answer: Answer, row_index: int) -> FinishReason | None:
        """Choose what comes after the rows of an answer, the first of which is `row_index`.

        Returns:
            Why the answer ends here; None if it goes on.
        """
        token = answer.sampler.choose(row_index)
        if not answer.written_tokens:
            answer.first_word_s = self._clock.monotonic_s()
        if self._llama.ends_answer(token):
            return FinishReason.STOP
        answer.written_tokens += 1
        answer.next_tokens = [token]
        text = answer.text.decode(self._llama.piece(token))
        self._reports.piece(answer.request.request_id, text)
        is_full = answer.written_tokens >= answer.prompt.answer_tokens
        return FinishReason.LENGTH if is_full else None

    def finish(self, answer: Answer, reason: FinishReason) -> None:
        """Tell the rest of an answer, and that it is complete."""
        self._reports.piece(answer.request.request_id, answer.text.decode(b"", final=True))
        now_s = self._clock.monotonic_s()
        first_word_s = answer.first_word_s or now_s
        self._reports.finished(
            answer.request.request_id,
            reason,
            prompt_tokens=len(answer.prompt.tokens),
            completion_tokens=answer.written_tokens,
            queued_s=round(answer.started_s - answer.arrived_s, 3),
            reading_s=round(first_word_s - answer.started_s, 3),
            writing_s=round(now_s - first_word_s, 3),
        )
