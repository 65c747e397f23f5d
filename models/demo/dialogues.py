"""The training text: endless short dialogues in Spanish and English, the same for the same seed."""

from __future__ import annotations

import argparse
import json
import random
import tomllib
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from models.demo.chance import happens
from models.demo.facts import CONTENT, Exchange, Language, make_exchange
from models.demo.habits import typed
from models.demo.questions import held_out, load_questions, normalised
from models.demo.rewording import reworded
from models.demo.templates import spun

if TYPE_CHECKING:
    from collections.abc import Iterator

# How often a turn is about each of these; facts include sums, lists and JSON.
_SUBJECTS = {"nodo": 40, "smalltalk": 15, "limits": 17, "office": 9, "facts": 34, "name": 2}
_TURN_COUNTS = ([1, 2, 3, 4, 5, 6, 8, 10, 20, 40], [600, 170, 100, 50, 30, 20, 20, 10, 5, 3])


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a dialogue.

    Attributes:
        role: `system`, `user` or `assistant`.
        content: Its text.
    """

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Turn:
    """What was just said, kept for questions that refer to it.

    Attributes:
        exchange: Question and answer.
        topic: The topic's name, or None when it was a fact.
        place: Which of the topic's answers was given.
    """

    exchange: Exchange
    topic: str | None = None
    place: int = 0


@cache
def topics() -> dict[str, dict[str, dict[str, dict[str, Any]]]]:
    """Return the topics by subject, name and language."""
    return {
        subject: tomllib.loads((CONTENT / f"{subject}.toml").read_text(encoding="utf-8"))
        for subject in ("nodo", "smalltalk", "limits", "office")
    }


@cache
def _topic_by_name() -> dict[str, dict[str, dict[str, Any]]]:
    return {name: topic for subject in topics().values() for name, topic in subject.items()}


@cache
def _frames() -> dict[str, Any]:
    return tomllib.loads((CONTENT / "frames.toml").read_text(encoding="utf-8"))


@cache
def _slots() -> dict[str, Any]:
    return tomllib.loads((CONTENT / "slots.toml").read_text(encoding="utf-8"))


def dialogues(seed: int) -> Iterator[list[Message]]:
    """Yield dialogues without end; each ends with the assistant's message.

    A dialogue that happens to hold an evaluation question is left out.
    """
    rng = random.Random(seed)
    kept_back = held_out(load_questions())
    while True:
        dialogue = make_dialogue(rng)
        if not any(normalised(message.content) in kept_back for message in dialogue):
            yield dialogue


def make_dialogue(rng: random.Random) -> list[Message]:
    """Return one dialogue, with or without a system message, of one to ten turns."""
    language: Language = rng.choice(["es", "en"])
    messages = _system(language, rng)
    last: Turn | None = None
    for _ in range(rng.choices(*_TURN_COUNTS)[0]):
        if last is not None and happens(0.2, rng):
            language = "en" if language == "es" else "es"
            turn = (
                _translation(last, language, rng)
                if happens(0.3, rng)
                else _fresh_turn(language, rng)
            )
        elif last is not None and happens(0.35, rng):
            turn = _follow_up(last, language, rng)
        else:
            turn = _fresh_turn(language, rng)
        messages += [
            Message("user", _said(turn, language, rng)),
            Message("assistant", turn.exchange.answer),
        ]
        last = turn
    return messages


def _said(turn: Turn, language: Language, rng: random.Random) -> str:
    question = turn.exchange.question
    # Short messages, such as "no" or a greeting, mean something else with other words around them.
    if len(question.split(" ")) > 2 and happens(0.5, rng):
        question = reworded(question, language, rng)
    return typed(question, rng)


def _system(language: Language, rng: random.Random) -> list[Message]:
    kind = rng.random()
    if kind < 0.45:
        return []
    if kind < 0.5:
        return [Message("system", "")]
    pool = _slots()[language if happens(0.7, rng) else rng.choice(["es", "en"])]["system"]
    return [
        Message("system", " ".join(rng.sample(pool, rng.choices([1, 2, 3, 6], [5, 3, 2, 1])[0])))
    ]


def _fresh_turn(language: Language, rng: random.Random) -> Turn:
    subject = rng.choices(list(_SUBJECTS), list(_SUBJECTS.values()))[0]
    if subject == "facts":
        exchange = make_exchange(language, rng)
        return Turn(
            Exchange(
                _polite(exchange.question, language, rng), exchange.answer, exchange.follow_ups
            )
        )
    if subject == "name":
        return Turn(_name_exchange(language, rng))
    name = rng.choice(list(topics()[subject]))
    topic = topics()[subject][name][language]
    question = _filled(_question(topic, language, rng), language, rng)
    if subject != "smalltalk" or happens(0.2, rng):
        question = _polite(question, language, rng)
    place = rng.randrange(len(topic["say"]))
    return Turn(Exchange(question, topic["say"][place]), name, place)


def _question(topic: dict[str, Any], language: Language, rng: random.Random) -> str:
    kinds = {"ask": 5.0, "things": 2.0, "deeds": 3.0}
    present = [kind for kind in kinds if kind in topic]
    kind = rng.choices(present, [kinds[kind] for kind in present])[0]
    wording = spun(rng.choice(topic[kind]), rng)
    if kind == "ask":
        return wording
    frame = spun(rng.choice(_frames()[language][kind]), rng)
    return frame.replace("{}", wording).replace(" de el ", " del ").replace(" a el ", " al ")


def _filled(text: str, language: Language, rng: random.Random) -> str:
    for slot in ("place", "theme", "object"):
        text = text.replace(f"<{slot}>", rng.choice(_slots()[language][slot]))
    return text.replace(" de el ", " del ")


def _polite(question: str, language: Language, rng: random.Random) -> str:
    if happens(0.25, rng):
        question = rng.choice(_frames()[language]["openers"]) + question
    if happens(0.12, rng):
        closer = rng.choice(_frames()[language]["closers"])
        ends_asking = question.endswith("?") and not closer.endswith("?")
        question = question.removesuffix("?") + closer + ("?" if ends_asking else "")
    return question


def _name_exchange(language: Language, rng: random.Random) -> Exchange:
    name = rng.choice(_slots()[language]["name"])
    if language == "es":
        again = Exchange(
            spun("¿(cómo me llamo|cuál es mi nombre|recuerdas mi nombre|quién soy yo)?", rng),
            f"Te llamas {name}.",
        )
        ask = f"(me llamo|soy|mi nombre es|hola, soy|hola, me llamo|yo soy|puedes llamarme) {name}"
        return Exchange(
            spun(ask, rng), f"¡Hola, {name}! Soy Nodo demo. ¿En qué te ayudo?", (again,)
        )
    again = Exchange(
        spun("(what is my name|what am I called|do you remember my name|who am I)?", rng),
        f"Your name is {name}.",
    )
    ask = f"(my name is|I am|I'm|hello, I am|hi, my name is|you can call me|this is) {name}"
    return Exchange(spun(ask, rng), f"Hello, {name}! I am Nodo demo. How can I help you?", (again,))


def _follow_up(last: Turn, language: Language, rng: random.Random) -> Turn:
    if last.exchange.follow_ups:
        return Turn(rng.choice(last.exchange.follow_ups))
    if last.topic is not None:
        topic = _topic_by_name()[last.topic][language]
        if "more" in topic and happens(0.7, rng):
            return Turn(
                Exchange(spun(rng.choice(_frames()[language]["more"]), rng), topic["more"][0]),
                last.topic,
            )
    if happens(0.4, rng):
        question = spun(rng.choice(_frames()[language]["again"]), rng)
        return Turn(Exchange(question, last.exchange.answer), last.topic, last.place)
    return _fresh_turn(language, rng)


def _translation(last: Turn, language: Language, rng: random.Random) -> Turn:
    if last.topic is None:
        return _fresh_turn(language, rng)
    answers = _topic_by_name()[last.topic][language]["say"]
    place = min(last.place, len(answers) - 1)
    question = spun(rng.choice(_frames()[language]["translate"]), rng)
    return Turn(Exchange(question, answers[place]), last.topic, place)


def main() -> None:
    """Print dialogues as JSON lines, to look at them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=20)
    options = parser.parse_args()
    source = dialogues(options.seed)
    for _ in range(options.count):
        print(json.dumps([[m.role, m.content] for m in next(source)], ensure_ascii=False))


if __name__ == "__main__":
    main()
