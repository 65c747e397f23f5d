"""The batch loop: every step reads a little of the new prompts and writes a word of each answer."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from appliance.base.clock import Clock
from appliance.base.errors import ApplianceError, EngineUnavailableError
from appliance.engine.text.admitting import Admitted, Admitting
from appliance.engine.text.computing import Computing
from appliance.engine.text.following import who_reads
from appliance.engine.text.frames import Frame, Order, error_values, order_of
from appliance.engine.text.keeping import keeping_of
from appliance.engine.text.llama import Llama, NoRoomError, Row, StepInterruptedError
from appliance.engine.text.model import FinishReason, TextRequest
from appliance.engine.text.pace import Pace
from appliance.engine.text.reports import Reports
from appliance.engine.text.request_prompts import Prompts
from appliance.engine.text.scheduler import Reader, shares_of_rows
from appliance.engine.text.sequences import Sequences, Slot
from appliance.engine.text.step_times import StepTimes
from appliance.engine.text.template import ChatTemplate
from appliance.engine.text.tuning import PrefixPlace
from appliance.engine.text.underway import Answer, Waiting, prompt_rows_of, word_rows_of
from appliance.engine.text.writing import Writer


@dataclass(frozen=True)
class Conditions:
    """Under which conditions a model answers.

    Attributes:
        context_tokens: The most that prompt and answer may have together.
        batch_rows: Largest step.
        times: How long steps take on this box, if that is known.
        measures: Whether that is to be measured in idle time.
        prefixes: Where beginnings of prompts are kept on disk; None keeps none.
    """

    context_tokens: int
    batch_rows: int
    times: StepTimes | None = None
    measures: bool = False
    prefixes: PrefixPlace | None = None


# What is only measured need not fit anything.
_NO_LIMIT_TOKENS = 1 << 40
_LEAST_CONTEXT_TOKENS = 16


class Answering:
    """All requests of one loaded model. Call `step` again and again while it returns True."""

    def __init__(
        self,
        llama: Llama,
        template: ChatTemplate,
        *,
        sequences: Sequences,
        conditions: Conditions,
        clock: Clock,
        draw_seed: Callable[[], int],
        tell: Callable[[Frame], None],
        has_news: Callable[[], bool] = lambda: False,
    ) -> None:
        """Begin with nothing to do.

        Args:
            llama: The model.
            template: Its way of writing conversations.
            sequences: What its cache holds.
            conditions: What is allowed, and known.
            clock: For waiting times.
            draw_seed: Draws the random numbers' start where none is wished.
            tell: Takes the events.
            has_news: Whether orders wait that were not handed over yet.
        """
        self._llama = llama
        self._sequences = sequences
        # What needs more than the whole room would wait for ever.
        self._context_tokens = min(conditions.context_tokens, sequences.room_tokens)
        self._clock = clock
        self._reports = Reports(tell)
        self._prompts = Prompts(template, llama)
        self._writer = Writer(
            llama, template, clock=clock, reports=self._reports, draw_seed=draw_seed
        )
        self._keeping = keeping_of(llama, sequences, conditions.prefixes, clock=clock)
        self._admitting = Admitting(llama, sequences, self._reports, self._keeping)
        self._running: list[Answer] = []
        self._steps = 0
        self._computing = Computing(
            llama,
            sequences,
            Pace(most_rows=conditions.batch_rows, times=conditions.times),
            clock=clock,
            reports=self._reports,
            measures=conditions.measures,
            has_news=has_news,
        )

    def prepare(self, order: Frame) -> None:
        """Find out what form an answer must have, which may take a while, off the batch loop.

        Any thread may call this, before the order is handed over.
        """
        if order["do"] == "generate":
            self._writer.forms.prepare(order_of(order).request)

    def learn_spelling(self) -> None:
        """Find out how the model's tokens begin, which answers in a set form need.

        Any thread may call this; it takes some tenths of a second.
        """
        self._writer.spelling.beginnings()

    def heed(self, order: Frame) -> None:
        """Look at an order that stands in the queue: the step in work may give way to it.

        Any thread may call this, while another one is in `step`.
        """
        self._computing.heed(order)

    def add(self, order: Order) -> None:
        """Take a request into the queue, or tell at once why not."""
        request = order.request
        try:
            self._writer.check(request)
            prompt = self._prompts.prompt_for(request, context_tokens=self._context_of(request))
        except ApplianceError as error:
            self._reports.error(request.request_id, error)
            return
        prompt = replace(prompt, dropped_turns=prompt.dropped_turns + order.left_out_turns)
        self._admitting.add(Waiting(request, prompt, self._clock.monotonic_s()))

    def _context_of(self, request: TextRequest) -> int:
        """Return the most that prompt and answer may have: never more than the model takes."""
        wished = request.context_tokens or self._context_tokens
        return max(min(wished, self._context_tokens), _LEAST_CONTEXT_TOKENS)

    def measure(self, order: Order) -> None:
        """Tell how many tokens a request's whole prompt has, whether it fits or not."""
        request = order.request
        try:
            prompt = self._prompts.prompt_for(request, context_tokens=_NO_LIMIT_TOKENS)
        except ApplianceError as error:
            self._reports.told(request.request_id, {"error": error_values(error)})
            return
        self._reports.told(request.request_id, {"tokens": len(prompt.tokens)})

    def cancel(self, request_id: str) -> None:
        """End a request; nothing more is computed for it."""
        for waiting in self._admitting.withdraw(request_id):
            if waiting.paused is not None:
                waiting.paused.page.close()
                self._writer.finish(waiting.paused, FinishReason.CANCELLED)
        for answer in [a for a in self._running if a.request.request_id == request_id]:
            self._finish(answer, FinishReason.CANCELLED)

    def step(self) -> bool:
        """Admit, compute one step, tell what came of it; False if there is nothing to do."""
        self._admit()
        if not self._running:
            return (
                self._admitting.has_waiting
                or self._computing.measure()
                or self._keep_in_idle_time()
            )
        rows, wanted = self._rows()
        step_s = self._decode(rows)
        if step_s is None:
            return True
        self._steps += 1
        prompt_rows = len(rows) - sum(answer.word_count for answer in self._in_turn())
        self._computing.learn(rows=len(rows), prompt_rows=prompt_rows, step_s=step_s)
        if prompt_rows:
            self._tell_progress()
        for answer, row_index in wanted:
            if answer.request.only_reads:
                self._keep_prepared(answer)
                self._finish(answer, FinishReason.LENGTH)
            else:
                self._write(answer, row_index)
        return True

    def _write(self, answer: Answer, row_index: int) -> None:
        try:
            reason = self._writer.take(answer, row_index)
        except ApplianceError as error:
            self._reports.error(answer.request.request_id, error)
            self._drop(answer)
            return
        if reason is not None:
            self._finish(answer, reason)

    def _admit(self) -> None:
        """Start what may start; what can wait leaves the room that people need."""
        keys = self._running_keys()
        has_people = any(not answer.is_patient for answer in self._running)
        for admitted in self._admitting.admit(keys, step=self._steps, has_people=has_people):
            self._start(admitted)
        patient = [answer for answer in self._running if answer.is_patient]
        if patient and self._admitting.has_people:
            self._pause(patient[-1])
        self._admitting.tell_places(self._running_keys())

    def _pause(self, answer: Answer) -> None:
        """Put an answer back into the queue; it goes on where it was."""
        self._running.remove(answer)
        answer.starts_anew()
        self._leave(answer)
        self._admitting.add(Waiting(answer.request, answer.prompt, answer.arrived_s, paused=answer))

    def _in_turn(self) -> list[Answer]:
        """Return the answers that take part in the next step: those for people, if there are."""
        people = [answer for answer in self._running if not answer.is_patient]
        return people or self._running

    def _running_keys(self) -> list[str]:
        return [answer.request.fairness_key for answer in self._running]

    def _start(self, admitted: Admitted) -> None:
        waiting = admitted.waiting
        if waiting.paused is not None:
            waiting.paused.slot, waiting.paused.read_tokens = admitted.slot, admitted.kept_tokens
            self._running.append(waiting.paused)
            return
        answer = Answer(
            request=waiting.request,
            prompt=waiting.prompt,
            slot=admitted.slot,
            page=self._writer.new_page(waiting.request, waiting.prompt),
            arrived_s=waiting.arrived_s,
            started_s=self._clock.monotonic_s(),
            to_read=waiting.prompt.tokens,
            read_tokens=admitted.kept_tokens,
            cached_tokens=admitted.kept_tokens,
        )
        self._running.append(answer)
        self._tell_reading(answer)

    def _rows(self) -> tuple[list[Row], list[tuple[Answer, int]]]:
        """Return the rows of the next step, and which of them choose a token for whom."""
        rows: list[Row] = []
        wanted: list[tuple[Answer, int]] = []
        in_turn = self._in_turn()
        self._writer.guess(in_turn, self._computing.times)
        for answer in in_turn:
            if answer.is_writing:
                wanted.append((answer, len(rows) + len(answer.next_tokens) - 1))
                rows += word_rows_of(answer)
        reading = [answer for answer in in_turn if not answer.is_writing]
        if self._llama.can_split:
            for answer in reading:
                self._catch_up(answer)
            reading = who_reads(reading)
        readers = {answer.request.request_id: answer for answer in reading}
        shares = shares_of_rows(
            [Reader(request_id, a.unread_tokens) for request_id, a in readers.items()],
            self._computing.prompt_rows(writers=len(rows)),
        )
        for request_id, count in shares.items():
            answer = readers[request_id]
            rows += prompt_rows_of(answer, count)
            if count == answer.unread_tokens:
                wanted.append((answer, len(rows) - 1))
        return rows, wanted

    def _catch_up(self, answer: Answer) -> None:
        """Take over what somebody else has read meanwhile of the same beginning."""
        further = self._sequences.further(answer.slot, answer.wanted)
        if further is None:
            return
        source, tokens = further
        start = answer.read_tokens
        self._llama.copy(source.number, answer.slot.number, tokens, start=start)
        answer.slot.tokens += answer.to_read[start:tokens]
        answer.read_tokens = tokens
        if not answer.written_tokens:
            answer.cached_tokens += tokens - start

    def _decode(self, rows: list[Row]) -> float | None:
        """Return the seconds that the step took; None if it must be tried anew."""
        in_step = {answer.slot.number: answer for answer in self._running}
        try:
            step_s = self._computing.compute(
                rows,
                Counter(in_step[row.slot].request.request_id for row in rows),
                is_patient=all(in_step[row.slot].is_patient for row in rows),
            )
        except NoRoomError:
            self._make_room()
            return None
        except StepInterruptedError:
            self._take_back(in_step.values())
            return None
        for row in rows if step_s is not None else ():
            answer = in_step[row.slot]
            answer.slot.tokens.append(row.token)
            if not answer.is_writing:
                answer.read_tokens += 1
        return step_s

    def close(self) -> None:
        """Keep the latest conversations on disk, as far as there is time."""
        if self._keeping is not None:
            self._keeping.keep_at_stop()

    def forget(self, fairness_key: str) -> None:
        """Forget what was read for one person, on disk too; what runs is forgotten as it ends."""
        for answer in [*self._running, *self._admitting.paused]:
            if answer.request.fairness_key == fairness_key:
                answer.is_forgotten = True
        for slot in self._sequences.of_owner(fairness_key):
            self._empty(slot)
        if self._keeping is not None:
            self._keeping.shelf.forget(fairness_key)

    def _keep_prepared(self, answer: Answer) -> None:
        if self._keeping is not None and not answer.is_forgotten:
            self._keeping.keep(answer.slot)

    def _keep_in_idle_time(self) -> bool:
        if self._keeping is not None:
            self._keeping.keep_shared()
        return False

    def _take_back(self, answers: Iterable[Answer]) -> None:
        """Bring the cache back to where it was before a step that was interrupted."""
        for answer in answers:
            if not self._llama.forget(answer.slot.number, len(answer.slot.tokens)):
                answer.starts_anew()
                answer.slot.tokens.clear()

    def _make_room(self) -> None:
        idle = self._sequences.idle_oldest_first()
        if idle:
            self._admitting.evict(idle[0])
            return
        # Reservations keep this from happening; if it does, the newest gives way.
        newest = self._running[-1]
        if len(self._running) > 1:
            self._pause(newest)
        else:
            full = EngineUnavailableError("The engine ran out of room.", code="engine_full")
            self._reports.error(newest.request.request_id, full)
            self._drop(newest)
        self._empty(newest.slot)

    def _finish(self, answer: Answer, reason: FinishReason) -> None:
        if reason is not FinishReason.CANCELLED:
            self._admitting.note_duration(self._clock.monotonic_s() - answer.started_s)
        self._drop(answer)
        self._writer.finish(answer, reason)

    def _drop(self, answer: Answer) -> None:
        self._running.remove(answer)
        answer.page.close()
        self._leave(answer)

    def _leave(self, answer: Answer) -> None:
        self._sequences.release(answer.slot, step=self._steps)
        if answer.is_forgotten:
            self._empty(answer.slot)

    def _empty(self, slot: Slot) -> None:
        slot.tokens.clear()
        self._llama.forget(slot.number, 0)

    def _tell_progress(self) -> None:
        for answer in self._running:
            if not answer.is_writing and not answer.written_tokens:
                self._tell_reading(answer)

    def _tell_reading(self, answer: Answer) -> None:
        self._reports.reading(
            answer.request.request_id,
            read_tokens=answer.read_tokens,
            prompt_tokens=len(answer.prompt.tokens),
            dropped_turns=answer.prompt.dropped_turns,
            cached_tokens=answer.cached_tokens,
        )
