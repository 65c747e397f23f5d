"""The batch loop: every step reads a little of the new prompts and writes a word of each answer."""

import codecs
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from appliance.base.clock import Clock
from appliance.base.errors import ApplianceError, EngineUnavailableError
from appliance.engine.text.llama import Llama, NoRoomError, Row, Sampler
from appliance.engine.text.model import FinishReason, TextRequest
from appliance.engine.text.pace import Pace
from appliance.engine.text.prompting import Prompt, prompt_of
from appliance.engine.text.scheduler import (
    Reader,
    Waiter,
    estimated_wait_s,
    order_of_service,
    shares_of_rows,
)
from appliance.engine.text.sequences import Sequences, Slot
from appliance.engine.text.template import ChatTemplate

Tell = Callable[[Mapping[str, object]], None]

_WEIGHT_OF_NEWEST = 0.3


@dataclass
class Waiting:
    """A request in the queue; `prompt` is known once it was first looked at."""

    request: TextRequest
    prompt: Prompt
    arrived_s: float
    told_ahead: int = -1


@dataclass
class Answer:
    """A request that is being read or written."""

    request: TextRequest
    prompt: Prompt
    slot: Slot
    sampler: Sampler
    arrived_s: float
    started_s: float
    read_tokens: int
    first_word_s: float = 0.0
    written_tokens: int = 0
    next_token: int | None = None
    text: codecs.IncrementalDecoder = field(
        default_factory=lambda: codecs.getincrementaldecoder("utf-8")(errors="replace")
    )

    @property
    def unread_tokens(self) -> int:
        """Return how much of the prompt is not read yet."""
        return len(self.prompt.tokens) - self.read_tokens


class Answering:
    """All requests of one loaded model. Call `step` again and again while it returns True."""

    def __init__(
        self,
        llama: Llama,
        template: ChatTemplate,
        *,
        sequences: Sequences,
        context_tokens: int,
        batch_rows: int,
        clock: Clock,
        draw_seed: Callable[[], int],
        tell: Tell,
    ) -> None:
        self._llama = llama
        self._template = template
        self._sequences = sequences
        self._context_tokens = context_tokens
        self._clock = clock
        self._draw_seed = draw_seed
        self._tell = tell
        self._pace = Pace(most_rows=batch_rows)
        self._waiting: list[Waiting] = []
        self._running: list[Answer] = []
        self._steps = 0
        self._answer_s: float | None = None

    def add(self, request: TextRequest) -> None:
        """Take a request into the queue, or tell at once why not."""
        try:
            prompt = prompt_of(
                request.turns,
                template=self._template,
                tokeniser=self._llama,
                context_tokens=self._context_tokens,
                wanted_answer_tokens=request.sampling.max_tokens,
            )
        except ApplianceError as error:
            self._tell_error(request.request_id, error)
            return
        self._waiting.append(Waiting(request, prompt, self._clock.monotonic_s()))

    def cancel(self, request_id: str) -> None:
        """End a request; nothing more is computed for it."""
        for waiting in [w for w in self._waiting if w.request.request_id == request_id]:
            self._waiting.remove(waiting)
        for answer in [a for a in self._running if a.request.request_id == request_id]:
            self._finish(answer, FinishReason.CANCELLED)

    def step(self) -> bool:
        """Admit, compute one step, tell what came of it; False if there is nothing to do."""
        self._admit()
        self._tell_places()
        if not self._running:
            return bool(self._waiting)
        rows, wanted = self._rows()
        started_s = self._clock.monotonic_s()
        if not self._decode(rows):
            return True
        self._steps += 1
        prompt_rows = len(rows) - sum(answer.next_token is not None for answer in self._running)
        self._pace = self._pace.after(
            prompt_rows=prompt_rows, step_s=self._clock.monotonic_s() - started_s
        )
        self._tell_progress(rows, prompt_rows)
        for answer, row_index in wanted:
            self._take_token(answer, answer.sampler.choose(row_index))
        return True

    def _admit(self) -> None:
        for waiting in self._in_order():
            prompt = waiting.prompt
            need = len(prompt.tokens) + prompt.answer_tokens
            owner = waiting.request.fairness_key
            placement = self._sequences.place(prompt.tokens, owner=owner, need_tokens=need)
            if placement is None:
                return
            for slot in placement.evicted:
                self._llama.forget(slot.number, 0)
            kept = placement.kept_tokens
            if not self._llama.forget(placement.slot.number, kept):
                kept = 0
            self._sequences.occupy(placement, owner=owner, need_tokens=need, step=self._steps)
            del placement.slot.tokens[kept:]
            self._waiting.remove(waiting)
            self._start(waiting, placement.slot, kept)

    def _start(self, waiting: Waiting, slot: Slot, kept_tokens: int) -> None:
        wish = waiting.request.sampling
        seed = wish.seed if wish.seed is not None else self._draw_seed()
        answer = Answer(
            request=waiting.request,
            prompt=waiting.prompt,
            slot=slot,
            sampler=self._llama.sampler(wish, seed),
            arrived_s=waiting.arrived_s,
            started_s=self._clock.monotonic_s(),
            read_tokens=kept_tokens,
        )
        self._running.append(answer)
        self._tell_reading(answer)

    def _in_order(self) -> list[Waiting]:
        by_id = {waiting.request.request_id: waiting for waiting in self._waiting}
        waiters = [Waiter(w.request.request_id, w.request.fairness_key) for w in self._waiting]
        running = [answer.request.fairness_key for answer in self._running]
        return [by_id[waiter.request_id] for waiter in order_of_service(waiters, running)]

    def _rows(self) -> tuple[list[Row], list[tuple[Answer, int]]]:
        """Return the rows of the next step, and which of them choose a token for whom."""
        rows: list[Row] = []
        wanted: list[tuple[Answer, int]] = []
        writers = [answer for answer in self._running if answer.next_token is not None]
        for answer in writers:
            wanted.append((answer, len(rows)))
            token = answer.next_token if answer.next_token is not None else 0
            rows.append(Row(token, len(answer.slot.tokens), answer.slot.number, wants_logits=True))
        readers = {a.request.request_id: a for a in self._running if a.next_token is None}
        shares = shares_of_rows(
            [Reader(request_id, a.unread_tokens) for request_id, a in readers.items()],
            self._pace.rows(writers=len(writers)),
        )
        for request_id, count in shares.items():
            answer = readers[request_id]
            rows += _prompt_rows(answer, count)
            if count == answer.unread_tokens:
                wanted.append((answer, len(rows) - 1))
        return rows, wanted

    def _decode(self, rows: list[Row]) -> bool:
        """Return whether the step was computed; if there was no room, some was made."""
        try:
            self._llama.decode(rows)
        except NoRoomError:
            self._make_room()
            return False
        slots = {answer.slot.number: answer for answer in self._running}
        for row in rows:
            answer = slots[row.slot]
            answer.slot.tokens.append(row.token)
            if answer.next_token is None:
                answer.read_tokens += 1
        return True

    def _make_room(self) -> None:
        idle = self._sequences.idle_oldest_first()
        if idle:
            idle[0].tokens.clear()
            self._llama.forget(idle[0].number, 0)
            return
        # Reservations keep this from happening; if it does, the newest gives way, with a word.
        newest = self._running[-1]
        self._tell_error(
            newest.request.request_id,
            EngineUnavailableError("The engine ran out of room.", code="engine_full"),
        )
        self._drop(newest)

    def _take_token(self, answer: Answer, token: int) -> None:
        if not answer.written_tokens:
            answer.first_word_s = self._clock.monotonic_s()
        if self._llama.ends_answer(token):
            self._finish(answer, FinishReason.STOP)
            return
        answer.written_tokens += 1
        answer.next_token = token
        self._tell_text(answer, answer.text.decode(self._llama.piece(token)))
        if answer.written_tokens >= answer.prompt.answer_tokens:
            self._finish(answer, FinishReason.LENGTH)

    def _finish(self, answer: Answer, reason: FinishReason) -> None:
        self._tell_text(answer, answer.text.decode(b"", final=True))
        now_s = self._clock.monotonic_s()
        first_word_s = answer.first_word_s or now_s
        took_s = now_s - answer.started_s
        if reason is not FinishReason.CANCELLED:
            before_s = self._answer_s if self._answer_s is not None else took_s
            self._answer_s = before_s + _WEIGHT_OF_NEWEST * (took_s - before_s)
        self._drop(answer)
        self._tell({
            "is": "finished",
            "id": answer.request.request_id,
            "reason": reason.value,
            "prompt_tokens": len(answer.prompt.tokens),
            "completion_tokens": answer.written_tokens,
            "queued_s": round(answer.started_s - answer.arrived_s, 3),
            "reading_s": round(first_word_s - answer.started_s, 3),
            "writing_s": round(now_s - first_word_s, 3),
        })  # fmt: skip

    def _drop(self, answer: Answer) -> None:
        self._running.remove(answer)
        answer.sampler.close()
        self._sequences.release(answer.slot, step=self._steps)

    def _tell_places(self) -> None:
        for ahead, waiting in enumerate(self._in_order()):
            if waiting.told_ahead == ahead:
                continue
            waiting.told_ahead = ahead
            eta_s = estimated_wait_s(
                ahead=ahead,
                parallel=len(self._sequences.slots),
                running=len(self._running),
                answer_s=self._answer_s,
            )
            self._tell({
                "is": "queued", "id": waiting.request.request_id, "ahead": ahead, "eta_s": eta_s,
            })  # fmt: skip

    def _tell_progress(self, rows: list[Row], prompt_rows: int) -> None:
        self._tell({"is": "step", "rows": len(rows)})
        if prompt_rows:
            for answer in self._running:
                if answer.next_token is None:
                    self._tell_reading(answer)

    def _tell_reading(self, answer: Answer) -> None:
        self._tell({
            "is": "reading",
            "id": answer.request.request_id,
            "percent": 100 * answer.read_tokens // len(answer.prompt.tokens),
            "prompt_tokens": len(answer.prompt.tokens),
            "dropped_turns": answer.prompt.dropped_turns,
        })  # fmt: skip

    def _tell_text(self, answer: Answer, text: str) -> None:
        if text:
            self._tell({"is": "piece", "id": answer.request.request_id, "text": text})

    def _tell_error(self, request_id: str, error: ApplianceError) -> None:
        self._tell({
            "is": "error", "id": request_id, "code": error.code, "message": error.message,
            "hint": error.hint, "status": error.status, "fields": error.fields,
        })  # fmt: skip


def _prompt_rows(answer: Answer, count: int) -> Iterator[Row]:
    start = answer.read_tokens
    last = len(answer.prompt.tokens) - 1
    for index in range(start, start + count):
        yield Row(
            answer.prompt.tokens[index], index, answer.slot.number, wants_logits=index == last
        )
