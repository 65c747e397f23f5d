"""What is written: from the figures of a step to the text that is told."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from appliance.base.clock import Clock
from appliance.base.errors import InvalidValueError
from appliance.engine.text.drafting import MOST_GUESSED, worthwhile
from appliance.engine.text.forms import Forms
from appliance.engine.text.grammar import bad_grammar
from appliance.engine.text.llama import Llama
from appliance.engine.text.model import ChosenToken, FinishReason, TextRequest, ToolUse
from appliance.engine.text.page import Page
from appliance.engine.text.prompting import Prompt
from appliance.engine.text.reports import Reports
from appliance.engine.text.sampling import settled, usable_seed
from appliance.engine.text.spelling import Spelling
from appliance.engine.text.step_times import StepTimes
from appliance.engine.text.stopping import StopTexts
from appliance.engine.text.template import ChatTemplate
from appliance.engine.text.tool_calls import HERMES, LLAMA, MISTRAL
from appliance.engine.text.transcript import THOUGHT_CLOSES, THOUGHT_OPENS, Reading, Transcript
from appliance.engine.text.underway import Answer

_MARKS = (*HERMES.marks, *MISTRAL.marks, *LLAMA.marks, THOUGHT_OPENS, THOUGHT_CLOSES)
_CALL_ID_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
_CALL_ID_LENGTH = 8
# Beside more answers than this the rows of a step are used better for them.
_MOST_ANSWERS_GUESSED = 2


class Writer:
    """Chooses the next tokens of answers, and tells what they come to."""

    def __init__(
        self,
        llama: Llama,
        template: ChatTemplate,
        *,
        clock: Clock,
        reports: Reports,
        draw_seed: Callable[[], int],
    ) -> None:
        self._llama = llama
        self._template = template
        self._clock = clock
        self._reports = reports
        self._draw_seed = draw_seed
        self.spelling = Spelling(llama, _MARKS)
        self._recommended: Mapping[str, str] = llama.recommended()
        self.forms = Forms(template, self.spelling)

    def check(self, request: TextRequest) -> None:
        """Refuse a request whose answer could not be written.

        Raises:
            InvalidValueError: If its form, its tools or a token that it names cannot be used.
        """
        self.forms.form_of(request)
        size = self._llama.vocabulary_size
        unknown = next((t for t, _added in request.sampling.logit_bias if t >= size), None)
        if unknown is not None:
            raise InvalidValueError(
                f"The option logit_bias names the token {unknown}; "
                f"the model's tokens are 0 to {size - 1:,}.",
                code="unknown_token",
                token=unknown,
            )

    def new_page(self, request: TextRequest, prompt: Prompt) -> Page:
        """Return the page for an answer; its form must have been checked."""
        wish = request.sampling
        seed = wish.seed if wish.seed is not None else self._draw_seed()
        how = settled(wish, self._recommended)
        # llama.cpp takes memory for the whole window, and knows none without end.
        most = len(prompt.tokens) + prompt.answer_tokens
        window = min(how.repeat_window_tokens, most) if how.repeat_window_tokens >= 0 else most
        sampler = self._llama.sampler(replace(how, repeat_window_tokens=window), usable_seed(seed))
        if how.has_penalties:
            # What stands in the prompt is not to be repeated either.
            for token in prompt.tokens[-window:]:
                sampler.accept(token)
        may_call = bool(request.tools) and request.tool_use is not ToolUse.NONE
        reading = Reading(
            may_think=self._template.may_think,
            begins_in_thought=self._template.opens_thought(thinks=request.thinks)
            and request.raw_prompt is None
            and not request.continues,
            notation=self._template.notation if may_call else None,
        )
        stops = StopTexts(wish.stop)
        transcript = Transcript(reading, stops, new_call_id=self._new_call_id)
        return Page(sampler, self.forms.form_of(request), transcript)

    def guess(self, answers: Sequence[Answer], times: StepTimes | None) -> None:
        """Guess what comes next in answers, where computing that in the same step pays.

        Args:
            answers: All that take part in the step.
            times: How long steps take on this box; nothing is guessed while that is unknown.
        """
        for answer in answers:
            answer.drafts = []
        is_quiet = len(answers) <= _MOST_ANSWERS_GUESSED and all(a.is_writing for a in answers)
        if times is None or not is_quiet or not self._llama.can_split:
            return
        for answer in answers:
            rows = sum(other.word_count for other in answers)
            answer.drafts = self._guesses(answer, times, rows)

    def take(self, answer: Answer, row_index: int) -> FinishReason | None:
        """Choose what comes after the rows of an answer, the first of which is `row_index`.

        Returns:
            Why the answer ends here; None if it goes on.

        Raises:
            InvalidValueError: If nothing can come that its form allows (`bad_grammar`).
        """
        drafts, answer.drafts = answer.drafts, []
        if not answer.page.tokens:
            answer.first_word_s = self._clock.monotonic_s()
        reason, right = None, 0
        while reason is None:
            token, chosen = self._choice(answer, row_index + right)
            reason = self._write(answer, token, chosen)
            if reason is not None or right == len(drafts) or drafts[right] != token:
                answer.next_tokens = [token]
                break
            right += 1
        self._forget_wrong(answer, len(drafts) - right)
        page = answer.page
        page.drafted += len(drafts)
        page.accepted += right
        if drafts:
            page.trust = page.trust.after_guess(guessed=len(drafts), right=right)
        return reason or self._write_forced(answer)

    def finish(self, answer: Answer, reason: FinishReason) -> None:
        """Tell the rest of an answer, and that it is complete."""
        page, request = answer.page, answer.request
        self._reports.said(request.request_id, page.end())
        now_s = self._clock.monotonic_s()
        first_word_s = answer.first_word_s or now_s
        is_stopped = bool(page.transcript.stop_text) and reason is not FinishReason.CANCELLED
        self._reports.finished(
            request.request_id,
            FinishReason.STOP if is_stopped else reason,
            prompt_tokens=len(answer.prompt.tokens),
            completion_tokens=len(page.tokens),
            queued_s=round(answer.started_s - answer.arrived_s, 6),
            reading_s=round(first_word_s - answer.started_s, 6),
            writing_s=round(now_s - first_word_s, 6),
            cached_tokens=answer.cached_tokens,
            dropped_turns=answer.prompt.dropped_turns,
            cut_tokens=answer.prompt.cut_tokens,
            drafted_tokens=page.drafted,
            accepted_tokens=page.accepted,
            stop_text=page.transcript.stop_text,
            context=[*answer.prompt.tokens, *page.tokens] if request.wants_context else [],
        )

    def _guesses(self, answer: Answer, times: StepTimes, rows: int) -> list[int]:
        page = answer.page
        most = min(answer.prompt.answer_tokens - len(page.tokens) - 1, MOST_GUESSED)
        guesses, alike = page.remembered(answer.prompt.tokens).guess(max(most, 0))
        chance = page.trust.chance(alike)
        count = worthwhile(times, rows=rows, guessed=len(guesses), chance=chance)
        if not count:
            page.trust = page.trust.after_none()
        return guesses[:count]

    def _choice(self, answer: Answer, row_index: int) -> tuple[int, ChosenToken | None]:
        page = answer.page
        if page.form is None:
            token = page.sampler.choose(row_index)
        else:
            found = page.sampler.choose_within(page.form, row_index)
            if found is None:
                raise bad_grammar("the model has no token that it allows here")
            token = found
        wanted = answer.request.top_logprobs
        if wanted is None:
            return token, None
        logprob, likeliest = page.sampler.probabilities(row_index, token, wanted)
        alternatives = tuple(self._likely(other, value) for other, value in likeliest)
        return token, replace(self._likely(token, logprob), alternatives=alternatives)

    def _likely(self, token: int, logprob: float) -> ChosenToken:
        data = self.spelling.text_of(token) or self._llama.piece(token, special=True)
        return ChosenToken(data.decode(errors="replace"), data, logprob)

    def _write(self, answer: Answer, token: int, chosen: ChosenToken | None) -> FinishReason | None:
        """Write one token, and return why the answer ends with it, if it does."""
        if self._llama.ends_answer(token):
            return FinishReason.STOP
        page = answer.page
        said = page.write(token, self.spelling.text_of(token), chosen)
        self._reports.said(answer.request.request_id, said)
        if page.transcript.stop_text or (page.form is not None and page.form.must_end):
            return FinishReason.STOP
        is_full = len(page.tokens) >= answer.prompt.answer_tokens
        return FinishReason.LENGTH if is_full or page.runs_away else None

    def _write_forced(self, answer: Answer) -> FinishReason | None:
        """Write the tokens that only one text allows, without asking the model.

        They are computed in one step with the one before them.
        """
        page = answer.page
        if page.form is None or answer.request.top_logprobs is not None:
            return None
        for token in page.form.forced():
            page.sampler.accept(token)
            answer.next_tokens.append(token)
            if reason := self._write(answer, token, None):
                return reason
        return None

    def _forget_wrong(self, answer: Answer, wrong: int) -> None:
        if not wrong:
            return
        kept = len(answer.slot.tokens) - wrong
        del answer.slot.tokens[kept:]
        if not self._llama.forget(answer.slot.number, kept):
            answer.starts_anew()
            answer.slot.tokens.clear()

    def _new_call_id(self) -> str:
        number = self._draw_seed() << 32 | self._draw_seed()
        letters: list[str] = []
        for _ in range(_CALL_ID_LENGTH):
            number, index = divmod(number, len(_CALL_ID_LETTERS))
            letters.append(_CALL_ID_LETTERS[index])
        return f"call_{''.join(letters)}"
