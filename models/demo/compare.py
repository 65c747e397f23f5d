"""Whether llama.cpp reads the GGUF as PyTorch trained it: the same tokens, nearly the same logits."""

from __future__ import annotations

import argparse
import itertools
import sys
from pathlib import Path

import llama_cpp
import numpy as np
import torch

from models.demo import bpe
from models.demo.dialogues import dialogues
from models.demo.network import Decoder, Shape

ODD_TEXTS = [
    "",
    " ",
    "\n\n",
    "  dos  espacios\ty tabulador\r\n",
    "ñandú €5 ½ ² Ⅳ",
    "¿¡Qué!? «así» — “no”…",
    "it's we'LL I'M don't",
    "日本語 и русский",
    "🙂👍🏽",
    "a_b __init__ x=3;",
    "1234567890 3,14",
    '{"a": [1, 2]}',
    "e\u0301 combining",
    "MAYÚSCULAS Ñ",
    "   \n  x",
    "<|im_end|> is text here",
    "a\u00a0b\u2009c",
    "hola.\n\n\nadiós",
]


def texts(count: int) -> list[str]:
    """Return odd texts, then messages of a seed that training does not use."""
    messages = (message.content for dialogue in dialogues(9_999) for message in dialogue)
    return [*ODD_TEXTS, *itertools.islice(messages, count - len(ODD_TEXTS))]


def count_unequal(model: llama_cpp.Llama, tokenizer: bpe.Tokenizer, samples: list[str]) -> int:
    """Return how many texts llama.cpp splits into other tokens than our tokenizer does."""
    unequal = 0
    for text in samples:
        theirs = model.tokenize(text.encode(), add_bos=False, special=False)
        ours = tokenizer.encode(text)
        if theirs != ours:
            unequal += 1
            sys.stderr.write(f"{text!r}: llama.cpp {theirs}, ours {ours}\n")
    return unequal


def largest_difference(model: llama_cpp.Llama, network: Decoder, prompts: list[list[int]]) -> float:
    """Return the largest difference of any logit over all positions of the prompts."""
    largest = 0.0
    for tokens in prompts:
        model.reset()
        model.eval(tokens)
        theirs = np.array(model.scores[: len(tokens)])
        with torch.no_grad():
            ours = network(torch.tensor([tokens]))[0].numpy()
        largest = max(largest, float(np.abs(theirs - ours).max()))
    return largest


def main() -> None:
    """Compare and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path, help="the GGUF; vocabulary and weights lie beside it")
    options = parser.parse_args()
    tokenizer = bpe.load(options.model.with_suffix(".vocabulary.json"))
    network = Decoder(Shape(vocabulary=len(tokenizer.tokens)))
    network.load_state_dict(torch.load(options.model.with_suffix(".weights.pt"), weights_only=True))
    model = llama_cpp.Llama(
        str(options.model), n_ctx=2048, n_threads=2, logits_all=True, verbose=False
    )

    samples = texts(500)
    unequal = count_unequal(model, tokenizer, samples)
    chats = [
        f"<|im_start|>user\n{text}<|im_end|>\n<|im_start|>assistant\n" for text in samples[-20:]
    ]
    difference = largest_difference(
        model, network, [tokenizer.encode_with_specials(chat) for chat in chats]
    )
    sys.stdout.write(f"{unequal} of {len(samples)} texts are split differently\n")
    sys.stdout.write(f"largest difference of a logit over {len(chats)} prompts: {difference:.4f}\n")


if __name__ == "__main__":
    main()
