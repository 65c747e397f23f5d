"""A child that speaks the frames of the engine and does what the last words of a question say.

Run: python scripted.py HOW, where HOW says how it loads: `well`, `slowly`, `crash`, `hang`, `refuse`,
`full` (out of memory), `forged` (says first what only a loaded engine says).
Questions: `answer`, `crash`, `hang`, `exit`, `wait` (stays in the queue until somebody is cancelled),
`close` (closes its pipe and lives on), `prints` (garbage between its words), `nonsense N`, `flood`,
`work` (computes in silence for six seconds, then answers).
"""

import json
import os
import resource
import signal
import sys
import time

NONSENSE = [
    {"no": "kind"},
    {"is": "reading", "id": "ID", "percent": "many"},
    {"is": "finished", "id": "ID", "reason": "because"},
    {"is": "loading", "percent": "NaN"},
    {"is": "loaded"},
    {"is": "queued", "id": "ID", "ahead": 1e999, "eta_s": 0},
    {"is": "error", "id": "ID", "status": [], "message": 1, "fields": {"message": "twice"}},
]


def tell(**event):
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


def read(order):
    tell(**{"is": "reading"}, id=order, percent=0, prompt_tokens=8, dropped_turns=0)
    tell(**{"is": "piece"}, id=order, text="Well, ")


def finish(order):
    tell(**{"is": "piece"}, id=order, text="yes.")
    tell(**{"is": "finished"}, id=order, reason="stop", prompt_tokens=8, completion_tokens=2,
         queued_s=0, reading_s=0.1, writing_s=0.2)  # fmt: skip


def hang():
    signal.pause()


def crash():
    os.kill(os.getpid(), signal.SIGKILL)


def measure(tuning, how):
    """Writing is ten times quicker with repacked weights; HOW `stubborn` never says so."""
    if not tuning["measures"] or (how == "stubborn" and tuning["repacks"]):
        return
    word_s = 0.1 if tuning["repacks"] else 1.0
    tell(**{"is": "measured"}, times=[[1, word_s], [512, 2.0]])


def load(how):
    if how == "crash":
        tell(**{"is": "loading"}, percent=40)
        crash()
    if how == "hang":
        tell(**{"is": "loading"}, percent=40)
        hang()
    if how == "full":
        resource.setrlimit(resource.RLIMIT_AS, (100 << 20, 100 << 20))
        bytearray(1 << 30)
    if how == "refuse":
        tell(**{"is": "refused"}, code="bad_model_file", message="It is damaged.", hint="Get it.")
        sys.exit(1)
    if how == "slowly":
        for percent in range(0, 100, 10):
            tell(**{"is": "loading"}, percent=percent)
            time.sleep(0.02)
    tell(**{"is": "loaded"}, context_tokens=512)


def work(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def close():
    sys.stdout.flush()
    os.close(1)
    hang()


def prints():
    sys.stdout.write('ggml: warning\n[1, 2]\n{"half\n\x00\x01\n' + "x" * 100_000 + "\n")


def nonsense(order, number):
    sys.stdout.write(json.dumps(NONSENSE[number]).replace("ID", order) + "\n")
    sys.stdout.flush()
    hang()


def flood(order):
    while True:
        tell(**{"is": "piece"}, id=order, text="x" * 500_000)


def serve(order, words):
    what, _, number = words.partition(" ")
    if what == "wait":
        tell(**{"is": "queued"}, id=order, ahead=1, eta_s=2.5)
        return
    read(order)
    if what == "endless":
        return
    deeds = {
        "crash": crash,
        "exit": lambda: sys.exit(3),
        "hang": hang,
        "close": close,
        "prints": prints,
        "nonsense": lambda: nonsense(order, int(number)),
        "flood": lambda: flood(order),
        "work": lambda: work(6),
    }
    deeds.get(what, lambda: None)()
    finish(order)


def main():
    tell(**{"is": "hello"})
    for line in sys.stdin:
        frame = json.loads(line)
        if frame["do"] == "load":
            load(sys.argv[1])
            measure(frame["tuning"], sys.argv[1])
        elif frame["do"] == "generate":
            serve(frame["id"], frame["turns"][-1]["content"])


main()
