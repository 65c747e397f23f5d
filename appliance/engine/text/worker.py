"""The engine's own process: orders come in by standard input, events go out by standard output.

It owns one llama.cpp context. It has no network, no secrets and no files but the model; if
llama.cpp crashes, only this process ends.
"""

import json
import logging
import os
import queue
import secrets
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from appliance.base.clock import Clock, SystemClock
from appliance.base.errors import ApplianceError, EngineUnavailableError
from appliance.base.process import guard
from appliance.base.process.frames import LineSplitter, decoded
from appliance.engine.text.embedding import Embedding
from appliance.engine.text.frames import Frame, load_plan_of, order_of
from appliance.engine.text.lexicon import Lexicon
from appliance.engine.text.processor_code import load_processor_code
from appliance.engine.text.sequences import Sequences
from appliance.engine.text.template import ChatTemplate
from appliance.engine.text.tuning import tuning_of

if TYPE_CHECKING:
    from appliance.engine.text.answering import Answering

_BATCH_ROWS = 512
_CHUNK_BYTES = 64 << 10
# People's requests go before ours when the processor is short: the pages must stay quick.
_NICENESS = 5
_LARGEST_SEED = 2**32 - 2
# For Python, the libraries, and the threads' stacks, beside what was planned for the model.
_SPARE_MEMORY_BYTES = 768 << 20
# For sequences on their way to the disk or back: one that is written, one that is taken.
_STATES_BYTES = 1 << 30


class _Voice:
    """Writes events as lines; the only writer of standard output, for any thread."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def tell(self, event: Mapping[str, object]) -> None:
        """Write one event; waits while the supervisor does not read."""
        line = json.dumps(event).encode() + b"\n"
        with self._lock:
            self._stream.write(line)
            self._stream.flush()


class _Orders:
    """What the supervisor has said and nobody has done yet; None when it has gone."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[Frame | None] = queue.SimpleQueue()
        self._prepare: Callable[[Frame], None] | None = None
        self._hear: Callable[[Frame], None] | None = None

    def tell_of_each(
        self, *, prepare: Callable[[Frame], None], hear: Callable[[Frame], None]
    ) -> None:
        """Tell of each order before and once it stands in the queue, on the listener's thread."""
        self._prepare, self._hear = prepare, hear

    def put(self, order: Frame | None) -> None:
        """Add an order."""
        if order is not None and self._prepare is not None:
            self._prepare(order)
        self._queue.put(order)
        if self._hear is not None:
            self._hear(order if order is not None else {"do": "stop"})

    def get(self, *, wait: bool = True) -> Frame | None:
        """Return the next order.

        Raises:
            queue.Empty: If there is none and we do not wait.
        """
        return self._queue.get(block=wait)

    def has_any(self) -> bool:
        """Return whether an order waits."""
        return not self._queue.empty()


def main() -> int:
    """Serve orders until standard input closes; returns the exit code."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(message)s")
    _shut_in()
    voice = _Voice(_standard_output_kept_clean())
    orders = _Orders()
    listener = threading.Thread(target=_listen, args=(orders,), daemon=True)
    listener.start()
    voice.tell({"is": "hello"})
    first = orders.get()
    if first is None:
        return 0
    clock = SystemClock()
    lexicon = Lexicon(voice.tell)
    try:
        if first["do"] == "load_to_embed":
            return _embed(first, voice, orders, lexicon)
        answering = _loaded(first, voice, clock, lexicon, has_news=orders.has_any)
    except ApplianceError as error:
        voice.tell({"is": "refused", "code": error.code, "message": error.message,
                    "hint": error.hint})  # fmt: skip
        return 1
    threading.Thread(target=answering.learn_spelling, daemon=True).start()
    orders.tell_of_each(prepare=answering.prepare, hear=answering.heed)
    # From here on an error of the engine is a crash: a new process may do better.
    # There is work of our own at the beginning: measuring.
    busy = True
    while _take_orders(orders, answering, lexicon, wait=not busy):
        busy = answering.step()
    answering.close()
    return 0


def _shut_in() -> None:
    guard.die_with_parent()
    guard.no_core_dumps()
    guard.no_new_privileges()
    guard.raise_oom_score()
    # A failed assertion in llama.cpp would start a debugger and write our memory's words.
    os.putenv("GGML_NO_BACKTRACE", "1")
    # numpy comes along with llama_cpp; its own threads would only take memory.
    os.putenv("OPENBLAS_NUM_THREADS", "1")
    if hasattr(os, "nice"):
        os.nice(_NICENESS)


def _standard_output_kept_clean() -> BinaryIO:
    """Return the pipe to the supervisor; whatever else prints goes to standard error."""
    kept = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(kept, "wb")


def _listen(orders: _Orders) -> None:
    # Not through sys.stdin: a thread that waits inside it aborts the process at its end.
    splitter = LineSplitter()
    while chunk := os.read(0, _CHUNK_BYTES):
        for line in splitter.feed(chunk):
            order = decoded(line)
            if order is not None:
                orders.put(order)
    orders.put(None)


def _loaded(
    load: Frame, voice: _Voice, clock: Clock, lexicon: Lexicon, *, has_news: Callable[[], bool]
) -> "Answering":
    """Return the batch loop over the loaded model.

    Raises:
        EngineUnavailableError: If this model cannot be used, or llama.cpp is not there.
    """
    # Imported here: a missing or broken llama.cpp is told as an event, not as a dead process.
    try:
        from appliance.engine.text.answering import Answering, Conditions
        from appliance.engine.text.llama import Llama
    except (ImportError, OSError, RuntimeError) as error:
        raise _not_installed(error) from error
    plan = load_plan_of(load)
    tuning = tuning_of(cast("Frame", load["tuning"]))
    _limit_memory(plan.memory_bytes + (_STATES_BYTES if tuning.prefixes else 0))
    file = Path(str(load["file"]))
    llama = Llama(
        file,
        plan=plan,
        batch_rows=_BATCH_ROWS,
        threads=int(cast("int", load["threads"])),
        on_progress=_Progress(voice).hear,
        repacks=tuning.repacks,
    )
    context_tokens = min(plan.context_tokens, llama.trained_context_tokens)
    answering = Answering(
        llama,
        ChatTemplate(llama.template, now=clock.now, special=llama.special_text()),
        sequences=Sequences(
            slot_count=plan.slot_count,
            room_tokens=plan.room_tokens,
            parallel=plan.parallel,
            can_split=llama.can_split,
        ),
        conditions=Conditions(
            context_tokens=context_tokens,
            batch_rows=_BATCH_ROWS,
            times=tuning.times,
            measures=tuning.measures,
            prefixes=tuning.prefixes,
        ),
        clock=clock,
        draw_seed=lambda: secrets.randbelow(_LARGEST_SEED),
        tell=voice.tell,
        has_news=has_news,
    )
    lexicon.start(llama)
    code = load_processor_code()
    voice.tell({"is": "loaded", "context_tokens": context_tokens, "processor_code": code})
    return answering


def _embed(load: Frame, voice: _Voice, orders: _Orders, lexicon: Lexicon) -> int:
    """Make vectors of texts until the supervisor goes.

    Raises:
        EngineUnavailableError: If this model cannot be used, or llama.cpp is not there.
    """
    try:
        from appliance.engine.text.embedding_context import EmbeddingContext
    except (ImportError, OSError, RuntimeError) as error:
        raise _not_installed(error) from error
    plan = load_plan_of(load)
    _limit_memory(plan.memory_bytes)
    context = EmbeddingContext(
        Path(str(load["file"])),
        plan=plan,
        threads=int(cast("int", load["threads"])),
        is_encoder=bool(load["is_encoder"]),
        on_progress=_Progress(voice).hear,
    )
    vocabulary = context.vocabulary
    lexicon.start(vocabulary)
    voice.tell({"is": "loaded", "context_tokens": plan.context_tokens})
    embedding = Embedding(
        context,
        vocabulary.tokens_between_ends,
        context_tokens=plan.context_tokens,
        tell=voice.tell,
    )
    busy = False
    while _take_texts(orders, embedding, lexicon, wait=not busy):
        busy = embedding.step()
    return 0


def _take_texts(orders: _Orders, embedding: Embedding, lexicon: Lexicon, *, wait: bool) -> bool:
    """Hand over what has come in; False when the supervisor has gone."""
    while True:
        try:
            order = orders.get(wait=wait)
        except queue.Empty:
            return True
        if order is None:
            return False
        wait = False
        if order["do"] == "embed":
            embedding.add(order)
        elif order["do"] == "cancel":
            embedding.cancel(str(order["id"]))
        elif order["do"] in Lexicon.KINDS:
            lexicon.add(order)


def _not_installed(error: BaseException) -> EngineUnavailableError:
    return EngineUnavailableError(
        f"The engine's library llama-cpp-python cannot be loaded ({_on_one_line(error)}).",
        code="engine_not_installed",
        hint="Install it with `pip install llama-cpp-python`, then restart Nodo.",
    )


def _limit_memory(planned_bytes: int) -> None:
    """Bound what this process can take, whatever a hostile model or template asks for (Linux)."""
    if sys.platform != "linux":
        return
    import resource

    limit_bytes = planned_bytes + _SPARE_MEMORY_BYTES
    resource.setrlimit(resource.RLIMIT_DATA, (limit_bytes, limit_bytes))


def _on_one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200]


def _take_orders(
    orders: _Orders,
    answering: "Answering",
    lexicon: Lexicon,
    *,
    wait: bool,
) -> bool:
    """Hand over what has come in; False when the supervisor has gone."""
    while True:
        try:
            order = orders.get(wait=wait)
        except queue.Empty:
            return True
        if order is None:
            return False
        wait = False
        _hand_over(order, answering, lexicon)


def _hand_over(order: Frame, answering: "Answering", lexicon: Lexicon) -> None:
    if order["do"] == "generate":
        answering.add(order_of(order))
    elif order["do"] == "cancel":
        answering.cancel(str(order["id"]))
    elif order["do"] == "forget":
        answering.forget(str(order["fairness_key"]))
    elif order["do"] == "prompt":
        answering.measure(order_of(order))
    elif order["do"] in Lexicon.KINDS:
        lexicon.add(order)


class _Progress:
    """Turns llama.cpp's many calls while loading into one event a percent."""

    def __init__(self, voice: _Voice) -> None:
        self._voice = voice
        self._told = -1

    def hear(self, share: float) -> None:
        percent = int(share * 100)
        if percent > self._told:
            self._told = percent
            self._voice.tell({"is": "loading", "percent": percent})


if __name__ == "__main__":
    raise SystemExit(main())
