"""A child that speaks the frames of an embedding process and does what the texts say.

Texts: `crash`, `hang`, `nonsense`; any other one has the vector (its length, 1). Tokens are characters.
"""

import base64
import json
import math
import os
import signal
import struct
import sys


def tell(**event):
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


def vector(text):
    length = math.hypot(len(text), 1)
    return base64.b64encode(struct.pack("ff", len(text) / length, 1 / length)).decode()


def embed(order):
    for text in order["texts"]:
        if text == "crash":
            os.kill(os.getpid(), signal.SIGKILL)
        if text == "hang":
            signal.pause()
        if text == "nonsense":
            tell(**{"is": "told"}, id=order["id"], vectors=["!"], tokens="many")
            signal.pause()
    vectors = [vector(text) for text in order["texts"]]
    tell(**{"is": "told"}, id=order["id"], vectors=vectors, tokens=sum(map(len, order["texts"])))


def main():
    tell(**{"is": "hello"})
    for line in sys.stdin:
        order = json.loads(line)
        if order["do"] in {"load", "load_to_embed"}:
            tell(**{"is": "loaded"}, context_tokens=512)
        elif order["do"] == "embed":
            embed(order)
        elif order["do"] == "tokens":
            tell(**{"is": "told"}, id=order["id"], tokens=[ord(c) for c in order["text"]])
        elif order["do"] == "generate":
            tell(**{"is": "reading"}, id=order["id"], percent=0, prompt_tokens=8, dropped_turns=0)


main()
