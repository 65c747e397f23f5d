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
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from appliance.base.clock import Clock, SystemClock
from appliance.base.errors import ApplianceError
from appliance.base.process import guard
from appliance.engine.text.frames import Frame, request_of
from appliance.engine.text.sequences import Sequences
from appliance.engine.text.template import ChatTemplate

if TYPE_CHECKING:
    from appliance.engine.text.answering import Answering

_BATCH_ROWS = 512
# People's requests go before ours when the processor is short: the pages must stay quick.
_NICENESS = 5
_LARGEST_SEED = 2**32 - 2


class _Voice:
    """Writes events as lines; the only writer of standard output."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def tell(self, event: Mapping[str, object]) -> None:
        """Write one event; waits while the supervisor does not read."""
        self._stream.write(json.dumps(event, ensure_ascii=False).encode() + b"\n")
        self._stream.flush()


def main() -> int:
    """Serve orders until standard input closes; returns the exit code."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(message)s")
    _shut_in()
    voice = _Voice(_standard_output_kept_clean())
    orders: queue.SimpleQueue[Frame | None] = queue.SimpleQueue()
    listener = threading.Thread(target=_listen, args=(orders,), daemon=True)
    listener.start()
    voice.tell({"is": "hello"})
    first = orders.get()
    if first is None:
        return 0
    try:
        _serve(first, orders, voice, SystemClock())
    except ApplianceError as error:
        voice.tell({"is": "refused", "code": error.code, "message": error.message,
                    "hint": error.hint})  # fmt: skip
        return 1
    return 0


def _shut_in() -> None:
    guard.die_with_parent()
    guard.no_core_dumps()
    guard.no_new_privileges()
    guard.raise_oom_score()
    if hasattr(os, "nice"):
        os.nice(_NICENESS)


def _standard_output_kept_clean() -> BinaryIO:
    """Return the pipe to the supervisor; whatever else prints goes to standard error."""
    kept = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(kept, "wb")


def _listen(orders: "queue.SimpleQueue[Frame | None]") -> None:
    for line in sys.stdin.buffer:
        orders.put(cast("Frame", json.loads(line)))
    orders.put(None)


def _serve(
    load: Frame, orders: "queue.SimpleQueue[Frame | None]", voice: _Voice, clock: Clock
) -> None:
    # Imported here: a missing or broken llama.cpp is told as an event, not as a dead process.
    from appliance.engine.text.answering import Answering
    from appliance.engine.text.llama import Llama

    room_tokens, slot_count = _whole(load, "room_tokens"), _whole(load, "slot_count")
    llama = Llama(
        Path(str(load["file"])),
        room_tokens=room_tokens,
        slot_count=slot_count,
        batch_rows=_BATCH_ROWS,
        threads=_whole(load, "threads"),
        on_progress=_Progress(voice).hear,
    )
    context_tokens = min(_whole(load, "context_tokens"), llama.trained_context_tokens)
    answering = Answering(
        llama,
        ChatTemplate(llama.template, today=clock.now(), special=llama.special_text()),
        sequences=Sequences(slot_count=slot_count, room_tokens=room_tokens),
        context_tokens=context_tokens,
        batch_rows=_BATCH_ROWS,
        clock=clock,
        draw_seed=lambda: secrets.randbelow(_LARGEST_SEED),
        tell=voice.tell,
    )
    voice.tell({"is": "loaded", "context_tokens": context_tokens})
    busy = False
    while _take_orders(orders, answering, wait=not busy):
        busy = answering.step()


def _take_orders(
    orders: "queue.SimpleQueue[Frame | None]", answering: "Answering", *, wait: bool
) -> bool:
    """Hand over what has come in; False when the supervisor has gone."""
    while True:
        try:
            order = orders.get(block=wait)
        except queue.Empty:
            return True
        if order is None:
            return False
        wait = False
        if order["do"] == "generate":
            answering.add(request_of(order))
        elif order["do"] == "cancel":
            answering.cancel(str(order["id"]))


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


def _whole(frame: Frame, key: str) -> int:
    return int(cast("int", frame[key]))


if __name__ == "__main__":
    raise SystemExit(main())
