"""How well the GGUF answers the evaluation questions under llama.cpp; writes evaluation.md."""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import llama_cpp

from models.demo.gguf_file import RECOMMENDED_TEMPERATURE, RECOMMENDED_TOP_K, RECOMMENDED_TOP_P
from models.demo.questions import Question, load_questions, normalised

MAX_TOKENS = 120
REPORT = Path(__file__).with_name("evaluation.md")

_SPANISH = frozenset(
    [
        "el",
        "la",
        "los",
        "las",
        "un",
        "una",
        "unos",
        "de",
        "del",
        "que",
        "qué",
        "y",
        "en",
        "con",
        "por",
        "para",
        "es",
        "son",
        "soy",
        "está",
        "están",
        "no",
        "sí",
        "hay",
        "tu",
        "tus",
        "te",
        "se",
        "lo",
        "le",
        "su",
        "más",
        "muy",
        "como",
        "cómo",
        "cuando",
        "donde",
        "desde",
        "puedes",
        "puedo",
        "tiene",
        "tienes",
        "esto",
        "eso",
        "aquí",
        "hola",
        "gracias",
        "día",
        "buenos",
        "estimado",
        "saludo",
        "recordatorio",
        "después",
        "antes",
        "contrario",
        "viene",
        "días",
        "hasta",
        "adiós",
        "nada",
        "placer",
        "bien",
        "dime",
    ]
)
_ENGLISH = frozenset(
    [
        "the",
        "a",
        "an",
        "of",
        "and",
        "in",
        "on",
        "with",
        "by",
        "for",
        "is",
        "are",
        "am",
        "was",
        "i",
        "you",
        "your",
        "it",
        "its",
        "not",
        "no",
        "yes",
        "there",
        "to",
        "this",
        "that",
        "here",
        "from",
        "can",
        "could",
        "will",
        "would",
        "do",
        "does",
        "have",
        "has",
        "hello",
        "hi",
        "thank",
        "thanks",
        "day",
        "good",
        "dear",
        "regards",
        "reminder",
        "after",
        "before",
        "opposite",
        "comes",
        "days",
        "goodbye",
        "welcome",
        "pleasure",
        "fine",
        "my",
        "me",
        "what",
        "which",
    ]
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model said to one question.

    Attributes:
        question: The question.
        text: The answer.
        ended: Whether the model ended its turn within `MAX_TOKENS`.
    """

    question: Question
    text: str
    ended: bool

    @property
    def in_language(self) -> bool:
        """Whether the answer is in the question's language, or has no words that tell."""
        spoken = language_of(self.text)
        return spoken is None or spoken == self.question.language

    @property
    def on_topic(self) -> bool:
        """Whether the answer holds one of the question's keywords."""
        said = normalised_for_keywords(self.text)
        return any(normalised_for_keywords(keyword) in said for keyword in self.question.keywords)

    @property
    def good(self) -> bool:
        """Whether the answer is right in all three ways."""
        return self.in_language and self.on_topic and self.ended


def normalised_for_keywords(text: str) -> str:
    """Return the text without case and accents; unlike `normalised` it keeps quotes and dots."""
    return "".join(normalised(letter) or letter for letter in text)


def language_of(text: str) -> str | None:
    """Return `es` or `en`, whichever has more of its everyday words in the text, or None when neither has."""
    words = "".join(c if c.isalpha() else " " for c in text.lower()).split()
    spanish = sum(word in _SPANISH for word in words) + sum(c in "ñ¿¡" for c in text)
    english = sum(word in _ENGLISH for word in words)
    if spanish == english:
        return None
    return "es" if spanish > english else "en"


def ask(model: llama_cpp.Llama, question: Question) -> Answer:
    """Return the model's answer at the recommended sampling, from a fixed seed."""
    reply = model.create_chat_completion(
        [{"role": "user", "content": question.question}],
        max_tokens=MAX_TOKENS,
        temperature=RECOMMENDED_TEMPERATURE,
        top_k=RECOMMENDED_TOP_K,
        top_p=RECOMMENDED_TOP_P,
        min_p=0.0,
        repeat_penalty=1.0,
        seed=1,
    )
    choice = reply["choices"][0]
    return Answer(question, choice["message"]["content"], choice["finish_reason"] == "stop")


def tokens_per_second(model: llama_cpp.Llama) -> float:
    """Return the speed of writing: single tokens one after another."""
    model.reset()
    model.eval([1, 2, 3, 4])
    started_s = time.perf_counter()
    for _ in range(200):
        model.eval([5])
    return 200 / (time.perf_counter() - started_s)


def shares(answers: list[Answer]) -> str:
    """Return the shares of good answers as cells of a Markdown row."""
    counts = [
        sum(answer.in_language for answer in answers),
        sum(answer.on_topic for answer in answers),
        sum(answer.ended for answer in answers),
        sum(answer.good for answer in answers),
    ]
    return " | ".join(f"{100 * count / len(answers):.0f} %" for count in counts)


def samples(answers: list[Answer]) -> str:
    """Return questions and answers as a Markdown list."""
    lines = [
        f"- **{a.question.question}** ({a.question.id})  \n  {' / '.join(a.text.splitlines())}"
        for a in answers
    ]
    return "\n".join(lines) or "None."


def report(answers: list[Answer], facts: dict[str, object]) -> str:
    """Return the whole evaluation as Markdown."""
    rows = [("all", answers)]
    rows += [
        (name, [a for a in answers if a.question.language == code])
        for name, code in (("Spanish", "es"), ("English", "en"))
    ]
    table = "\n".join(f"| {name} | {len(group)} | {shares(group)} |" for name, group in rows)
    good = [a for a in answers if a.good]
    bad = [a for a in answers if not a.good]
    figures = "\n".join(f"| {name} | {value} |" for name, value in facts.items())
    return (
        "# Evaluation of the demo model\n\n"
        "Written by `evaluate.py`: the real GGUF under llama.cpp answers the questions of `questions.toml`, which were "
        "written before the first training and never occur in the training text (`check_questions.py`). Sampling: "
        f"temperature {RECOMMENDED_TEMPERATURE}, top_k {RECOMMENDED_TOP_K}, top_p {RECOMMENDED_TOP_P}, seed 1, no "
        "system message. On topic means that a keyword occurs; it does not mean that every word is right.\n\n"
        "| questions | number | right language | on topic | ended by itself | all three |\n|---|---|---|---|---|---|\n"
        f"{table}\n\n| what | value |\n|---|---|\n{figures}\n\n"
        f"## Good answers (every fourth)\n\n{samples(good[::4])}\n\n## Bad answers (all)\n\n{samples(bad)}\n"
    )


def main() -> None:
    """Ask all questions, print the shares and the bad answers, write the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "model", type=Path, help="the GGUF; the record of its training lies beside it"
    )
    parser.add_argument("--report", type=Path, default=REPORT)
    options = parser.parse_args()
    model = llama_cpp.Llama(str(options.model), n_ctx=2048, n_threads=2, verbose=False)
    answers = [ask(model, question) for question in load_questions()]
    trained = json.loads(options.model.with_suffix(".training.json").read_text(encoding="utf-8"))
    facts: dict[str, object] = {
        "date": datetime.now(UTC).date().isoformat(),
        "GGUF bytes": f"{options.model.stat().st_size:,}",
        "parameters": f"{llama_cpp.llama_model_n_params(model.model):,}",
        "minutes of training (2 CPU cores)": trained["minutes"],
        "tokens read in training": f"{trained['tokens']:,}",
        "dialogues read in training": f"{trained['dialogues']:,}",
        "loss at the end (nats per taught token)": trained["loss"],
        "tokens per second in llama.cpp (2 threads)": round(tokens_per_second(model)),
    }
    options.report.write_text(report(answers, facts), encoding="utf-8")
    sys.stdout.write(report(answers, facts))


if __name__ == "__main__":
    main()
