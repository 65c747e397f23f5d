"""Trains the demo model from nothing: `python -m models.demo.train --out build/nodo-demo.gguf`."""

from __future__ import annotations

import argparse
import itertools
import json
import logging
import math
import random
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn import functional

from models.demo import gguf_file
from models.demo.bpe import END_OF_TEXT, TURN_END, TURN_START, Tokenizer, learn, load
from models.demo.chance import happens
from models.demo.check_questions import refuse_held_out
from models.demo.dialogues import Message, dialogues
from models.demo.network import Decoder, Shape, parameter_count
from models.demo.questions import held_out, load_questions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

log = logging.getLogger("train")

VOCABULARY = 3072
POOL_DIALOGUES = 3_000
# A little less than the network's context, because lengths are rounded up.
LONGEST_DIALOGUE_TOKENS = 2_000
BATCH_TOKENS = 4_096
PEAK_RATE = 1.3e-3
WARM_UP_STEPS = 100
# Half of the dialogues see the person's words split in unusual ways, so that unknown words are no surprise.
SHARE_SPLIT_UNUSUALLY = 0.5
DROPPED_MERGES = 0.1


@dataclass(frozen=True, slots=True)
class Example:
    """One dialogue as tokens.

    Attributes:
        tokens: Token ids.
        taught: For each token whether the model learns to say it: the assistant's words and the end of its turns.
    """

    tokens: list[int]
    taught: list[bool]


@dataclass(slots=True)
class Progress:
    """What training has done so far.

    Attributes:
        steps: Updates of the weights.
        tokens: Tokens read, padding left out.
        dialogues: Dialogues read.
        minutes: Wall time.
        loss: Mean loss of the last hundred steps, in nats per taught token.
    """

    steps: int = 0
    tokens: int = 0
    dialogues: int = 0
    minutes: float = 0.0
    loss: float = math.nan


def as_text(dialogue: Iterable[Message]) -> str:
    """Return the words of a dialogue, for learning the vocabulary."""
    return "\n".join(f"{message.role}\n{message.content}" for message in dialogue)


def encoded(dialogue: Iterable[Message], tokenizer: Tokenizer, rng: random.Random) -> Example:
    """Return the dialogue in ChatML tokens, as the chat template writes it."""
    start, end = tokenizer.id_of(TURN_START), tokenizer.id_of(TURN_END)
    line_end = tokenizer.encode("\n")
    drop = DROPPED_MERGES if happens(SHARE_SPLIT_UNUSUALLY, rng) else 0.0
    tokens: list[int] = []
    taught: list[bool] = []
    for message in dialogue:
        says = message.role == "assistant"
        head = [start, *tokenizer.encode(f"{message.role}\n")]
        body = tokenizer.encode(message.content, drop_merges=0.0 if says else drop, rng=rng)
        tokens += [*head, *body, end, *line_end]
        taught += [*[False] * len(head), *[says] * (len(body) + 1), *[False] * len(line_end)]
    return Example(tokens, taught)


def batches(tokenizer: Tokenizer, seed: int) -> Iterator[list[Example]]:
    """Yield batches of dialogues of similar length, so that little is padded and each starts at position 0."""
    rng = random.Random(seed)
    kept_back = held_out(load_questions())
    source = dialogues(seed)
    while True:
        pool: list[Example] = []
        for dialogue in itertools.islice(source, POOL_DIALOGUES):
            refuse_held_out(dialogue, kept_back)
            pool.append(encoded(dialogue, tokenizer, rng))
        pool = [example for example in pool if len(example.tokens) <= LONGEST_DIALOGUE_TOKENS]
        pool.sort(key=lambda example: len(example.tokens))
        ready: list[list[Example]] = [[]]
        for example in pool:
            padded = rounded_up(len(example.tokens), 16)
            if ready[-1] and (len(ready[-1]) + 1) * padded > BATCH_TOKENS:
                ready.append([])
            ready[-1].append(example)
        rng.shuffle(ready)
        yield from ready


def rounded_up(number: int, step: int) -> int:
    """Return the smallest multiple of `step` that is not below the number."""
    return -(-number // step) * step


def as_tensors(batch: list[Example], padding: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return inputs, the flat places where a taught token follows, and those tokens.

    Sizes are rounded up, because PyTorch compiles its products anew for each size it meets. Places
    that only fill up have the target -100, which the loss ignores.
    """
    length = rounded_up(max(len(example.tokens) for example in batch), 16)
    tokens = torch.full((len(batch), length + 1), padding)
    taught = torch.zeros((len(batch), length + 1), dtype=torch.bool)
    for row, example in enumerate(batch):
        tokens[row, : len(example.tokens)] = torch.tensor(example.tokens)
        taught[row, : len(example.taught)] = torch.tensor(example.taught)
    wanted = taught[:, 1:].reshape(-1).nonzero().squeeze(1)
    targets = tokens[:, 1:].reshape(-1)[wanted]
    filling = rounded_up(len(wanted), 256) - len(wanted)
    wanted = functional.pad(wanted, (0, filling))
    return tokens[:, :-1], wanted, functional.pad(targets, (0, filling), value=-100)


def rate(step: int, share_done: float, peak: float) -> float:
    """Return the learning rate: a short warm-up, then a cosine down to a fiftieth of the peak."""
    warm = min(1.0, (step + 1) / WARM_UP_STEPS)
    return peak * warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1.0, share_done))))


def train(
    network: Decoder, tokenizer: Tokenizer, *, minutes: float, peak: float, seed: int
) -> Progress:
    """Train for some minutes of wall time, up to this learning rate, and return what was done."""
    decayed = [weight for weight in network.parameters() if weight.dim() == 2]
    others = [weight for weight in network.parameters() if weight.dim() != 2]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.05}, {"params": others, "weight_decay": 0.0}],
        lr=peak,
        betas=(0.9, 0.95),
        fused=True,
    )
    progress = Progress()
    losses: list[float] = []
    started_s = time.monotonic()
    for batch in batches(tokenizer, seed):
        progress.minutes = (time.monotonic() - started_s) / 60
        if progress.minutes >= minutes:
            return progress
        for group in optimizer.param_groups:
            group["lr"] = rate(progress.steps, progress.minutes / minutes, peak)
        inputs, wanted, targets = as_tensors(batch, tokenizer.id_of(END_OF_TEXT))
        with torch.autocast("cpu", torch.bfloat16):
            logits = network(inputs, wanted)
        loss = functional.cross_entropy(logits.float(), targets)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()

        losses.append(loss.item())
        progress.steps += 1
        progress.tokens += sum(len(example.tokens) for example in batch)
        progress.dialogues += len(batch)
        progress.loss = sum(losses[-100:]) / len(losses[-100:])
        if progress.steps % 50 == 0:
            speed = progress.tokens / progress.minutes / 60 if progress.minutes else 0
            log.info(
                "step %d, %.1f of %.1f minutes, loss %.4f, %.0f tokens/s",
                progress.steps,
                progress.minutes,
                minutes,
                progress.loss,
                speed,
            )
    return progress


def fresh_start() -> tuple[Decoder, Tokenizer, Progress]:
    """Return an untrained network, a vocabulary learnt from the training text, and no progress."""
    texts = (as_text(dialogue) for dialogue in itertools.islice(dialogues(0), 20_000))
    tokenizer = learn(texts, vocabulary=VOCABULARY)
    return Decoder(Shape(vocabulary=len(tokenizer.tokens))), tokenizer, Progress()


def continued_start(trained: Path) -> tuple[Decoder, Tokenizer, Progress]:
    """Return network, vocabulary and progress of an earlier training, from beside its GGUF."""
    tokenizer = load(trained.with_suffix(".vocabulary.json"))
    network = Decoder(Shape(vocabulary=len(tokenizer.tokens)))
    weights = torch.load(trained.with_suffix(".weights.pt"), weights_only=True)
    network.load_state_dict(weights)
    record = json.loads(trained.with_suffix(".training.json").read_text(encoding="utf-8"))
    return network, tokenizer, Progress(**record)


def save(out: Path, network: Decoder, tokenizer: Tokenizer, progress: Progress) -> None:
    """Write the GGUF and, beside it, what a continued training and `compare.py` need."""
    gguf_file.write(out, network, tokenizer)
    tokenizer.save(out.with_suffix(".vocabulary.json"))
    torch.save(network.state_dict(), out.with_suffix(".weights.pt"))
    record = json.dumps(asdict(progress), indent=2) + "\n"
    out.with_suffix(".training.json").write_text(record, encoding="utf-8")


def main() -> None:
    """Train, afresh or on, and write the GGUF with its companions."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="the GGUF; companions go beside it")
    parser.add_argument("--minutes", type=float, default=40.0, help="wall time of training")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--peak-rate", type=float, default=PEAK_RATE, help="of learning")
    parser.add_argument("--continue-from", type=Path, help="GGUF of an earlier training")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)

    earlier: Path | None = options.continue_from
    network, tokenizer, before = continued_start(earlier) if earlier else fresh_start()
    log.info("%d tokens, %d parameters", len(tokenizer.tokens), parameter_count(network))
    done = train(
        network, tokenizer, minutes=options.minutes, peak=options.peak_rate, seed=options.seed
    )
    progress = Progress(
        steps=before.steps + done.steps,
        tokens=before.tokens + done.tokens,
        dialogues=before.dialogues + done.dialogues,
        minutes=round(before.minutes + done.minutes, 1),
        loss=round(done.loss, 4),
    )
    save(options.out, network, tokenizer, progress)
    log.info("wrote %s: %s", options.out, progress)


if __name__ == "__main__":
    main()
