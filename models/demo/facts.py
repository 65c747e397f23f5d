"""Questions about simple facts and their answers, from the tables of content/facts.toml."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from models.demo.chance import happens
from models.demo.templates import spun

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

Language = Literal["es", "en"]
CONTENT = Path(__file__).with_name("content")


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question and its answer.

    Attributes:
        question: What the person says.
        answer: What the model says.
        follow_ups: Exchanges that only make sense right after this one.
    """

    question: str
    answer: str
    follow_ups: tuple[Exchange, ...] = ()


@cache
def table() -> dict[str, Any]:
    """Return the fact tables."""
    return tomllib.loads((CONTENT / "facts.toml").read_text(encoding="utf-8"))


@cache
def _frames() -> dict[str, Any]:
    return tomllib.loads((CONTENT / "fact_frames.toml").read_text(encoding="utf-8"))


def make_exchange(language: Language, rng: random.Random) -> Exchange:
    """Return a random exchange about a fact, a sum, a list or a JSON object."""
    makers, weights = zip(*_MAKERS, strict=True)
    return rng.choices(makers, weights)[0](language, rng)


def _asked(name: str, language: Language, rng: random.Random, **words: str) -> str:
    return _filled(rng.choice(_frames()[name][language]["ask"]), rng, words)


def _filled(template: str, rng: random.Random, words: dict[str, str]) -> str:
    question = spun(template, rng)
    for slot, word in words.items():
        question = question.replace(f"<{slot}>", word)
    return question.replace(" de el ", " del ").replace(" a el ", " al ")


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _joined(items: list[str], last: str) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {last} {items[-1]}"


def _column(language: Language) -> int:
    return 0 if language == "es" else 1


def _capital(language: Language, rng: random.Random) -> Exchange:
    row, other = rng.sample(table()["capitals"], 2)
    first = 0 if language == "es" else 2
    people = row[4 + _column(language)]
    saying = "La capital de {} es {}." if language == "es" else "The capital of {} is {}."
    next_frame = rng.choice(_frames()["capital"][language]["next"])
    follow_up = Exchange(
        _filled(next_frame, rng, {"country": other[first]}),
        saying.format(other[first], other[first + 1]),
    )
    question = _asked("capital", language, rng, country=row[first], people=people)
    return Exchange(question, saying.format(row[first], row[first + 1]), (follow_up,))


def _country(language: Language, rng: random.Random) -> Exchange:
    row = rng.choice(table()["capitals"])
    if language == "es":
        question = _asked("country", language, rng, city=row[1])
        return Exchange(question, f"{row[1]} es la capital de {row[0]}.")
    question = _asked("country", language, rng, city=row[3])
    return Exchange(question, f"{row[3]} is the capital of {row[2]}.")


def _day(language: Language, rng: random.Random) -> Exchange:
    names = [row[_column(language)] for row in table()["days"]]
    at = rng.randrange(len(names))
    day = names[at]
    if happens(0.65, rng):
        other = names[(at + 1) % len(names)]
        question = _asked("day_after", language, rng, day=day)
        answers = {
            "es": f"Después del {day} viene el {other}.",
            "en": f"After {day} comes {other}.",
        }
    else:
        question = _asked("day_before", language, rng, day=day)
        other = names[at - 1]
        answers = {"es": f"Antes del {day} está el {other}.", "en": f"Before {day} comes {other}."}
    return Exchange(question, answers[language])


def _month(language: Language, rng: random.Random) -> Exchange:
    names = [row[_column(language)] for row in table()["months"]]
    at = rng.randrange(len(names))
    month, after, before = names[at], names[(at + 1) % len(names)], names[at - 1]
    days = table()["month_days"][at]
    answers = {
        "month_days": (f"{_sentence(month)} tiene {days} días.", f"{month} has {days} days."),
        "month_after": (f"Después de {month} viene {after}.", f"After {month} comes {after}."),
        "month_before": (f"Antes de {month} está {before}.", f"Before {month} comes {before}."),
    }
    kind = rng.choice(list(answers))
    question = _asked(kind, language, rng, month=month)
    return Exchange(question, answers[kind][_column(language)])


def _calendar(language: Language, rng: random.Random) -> Exchange:
    kind = rng.choice(["days", "months", "seasons"])
    items = [row[_column(language)] for row in table()[kind]]
    if language == "es":
        names = {
            "days": "los días de la semana",
            "months": "los meses del año",
            "seasons": "las estaciones del año",
        }[kind]
        answer = f"{_sentence(names)} son {_joined(items, 'y')}."
    else:
        names = {
            "days": "the days of the week",
            "months": "the months of the year",
            "seasons": "the seasons of the year",
        }[kind]
        answer = f"{_sentence(names)} are {_joined(items, 'and')}."
    return Exchange(_asked("calendar", language, rng, names=names), answer)


def _season(language: Language, rng: random.Random) -> Exchange:
    kinds = [name for name in _frames() if name.startswith("season_")]
    kind = rng.choice(kinds)
    if kind != "season_after":
        return Exchange(_asked(kind, language, rng), _frames()[kind][language]["say"])
    names = [row[_column(language)] for row in table()["seasons"]]
    at = rng.randrange(len(names))
    question = _asked(kind, language, rng, season=names[at])
    after = names[(at + 1) % len(names)]
    if language == "en":
        return Exchange(question, f"After {names[at]} comes {after}.")
    return Exchange(question, f"Después viene {'la' if after == 'primavera' else 'el'} {after}.")


def _opposite(language: Language, rng: random.Random) -> Exchange:
    row = rng.choice(table()["opposites"])
    word, other = (row[0], row[1]) if language == "es" else (row[2], row[3])
    # Some words have two opposites in the table; those are asked in one direction only.
    if happens(0.4, rng) and other not in {"viejo", "old", "short", "light"}:
        word, other = other, word
    question = _asked("opposite", language, rng, word=word)
    if language == "es":
        return Exchange(question, f"Lo contrario de «{word}» es «{other}».")
    return Exchange(question, f'The opposite of "{word}" is "{other}".')


def _colour(language: Language, rng: random.Random) -> Exchange:
    row = rng.choice(table()["colours"])
    if language == "es":
        thing, colour = row[0], row[1]
        verb = "son" if thing.startswith("las ") else "es"
    else:
        thing, colour = row[2], row[3]
        verb = "are" if thing == "leaves" else "is"
    question = _asked("colour", language, rng, thing=thing)
    return Exchange(question, f"{_sentence(thing)} {verb} {colour}.")


def _translation(language: Language, rng: random.Random) -> Exchange:
    spanish, english = rng.choice(table()["words"])
    into = rng.choice(["to_spanish", "to_english"])
    word, other = (english, spanish) if into == "to_spanish" else (spanish, english)
    question = _asked(into, language, rng, word=word)
    if language == "es":
        name = "español" if into == "to_spanish" else "inglés"
        return Exchange(question, f"«{_sentence(word)}» en {name} es «{other}».")
    name = "Spanish" if into == "to_spanish" else "English"
    return Exchange(question, f'"{_sentence(word)}" in {name} is "{other}".')


def _unit(language: Language, rng: random.Random) -> Exchange:
    row = rng.choice(table()["units"])
    whole, parts, digits, word = row[:4] if language == "es" else row[4:]
    how_many = "cuántas" if parts in {"horas", "semanas", "unidades"} else "cuántos"
    question = _asked("unit", language, rng, whole=whole, parts=parts, how_many=how_many)
    verb = rng.choice(["son", "tiene"] if language == "es" else ["is", "has"])
    number = digits if happens(0.6, rng) else word
    return Exchange(question, f"{_sentence(whole)} {verb} {number} {parts}.")


def _sum(language: Language, rng: random.Random) -> Exchange:
    names = table()["numbers"][language]
    first, second = rng.randint(0, 10), rng.randint(0, 10)
    sign = rng.choice("++-")
    if sign == "-":
        first, second = max(first, second), min(first, second)
    result = first + second if sign == "+" else first - second
    operator = {"es": {"+": "más", "-": "menos"}, "en": {"+": "plus", "-": "minus"}}[language][sign]
    if happens(0.55, rng):
        task = f"{names[first]} {operator} {names[second]}"
        is_ = ("es" if result == 1 else "son") if language == "es" else "is"
        answer = f"{_sentence(task)} {is_} {names[result]}."
    else:
        forms = [
            f"{first} {operator} {second}",
            f"{first} {sign} {second}",
            f"{first}{sign}{second}",
        ]
        task = rng.choice(forms)
        answer = f"{first} {sign} {second} = {result}."
    return Exchange(_asked("sum", language, rng, task=task), answer)


def _count(language: Language, rng: random.Random) -> Exchange:
    last = rng.randint(3, 12)
    name = rng.choice([table()["numbers"][language][last], str(last)])
    numbers = ", ".join(str(number) for number in range(1, last + 1))
    return Exchange(_asked("count", language, rng, number=name), f"{numbers}.")


def _plain(language: Language, rng: random.Random) -> Exchange:
    fact = rng.choice(table()["plain"])[language]
    return Exchange(spun(rng.choice(fact["ask"]), rng), fact["say"])


def _list(language: Language, rng: random.Random) -> Exchange:
    kind = rng.choice(table()["lists"][language])
    wanted = rng.choices([2, 3, 4, 5], [2, 5, 2, 2])[0]
    # A fixed order, entered at a few places, is easy to learn and never repeats an item.
    start = rng.choice([0, 0, 1, 2])
    items = [kind["items"][(start + i) % len(kind["items"])] for i in range(wanted)]
    number = table()["numbers"][language][wanted] if happens(0.7, rng) else str(wanted)
    question = _asked("list", language, rng, number=number, names=rng.choice(kind["names"]))
    lines = [f"{place}. {_sentence(item)}" for place, item in enumerate(items, start=1)]
    return Exchange(question, "\n".join(lines))


def _json(language: Language, rng: random.Random) -> Exchange:
    values = table()["json"][language]
    keys = rng.sample(sorted(values), rng.choices([1, 2, 3], [2, 6, 3])[0])
    answer = json.dumps({key: rng.choice(values[key]) for key in keys}, ensure_ascii=False)
    spelled = {"pais": "país", "telefono": "teléfono", "titulo": "título"}
    named = [spelled.get(key, key) if happens(0.7, rng) else key for key in keys]
    fields = _joined(named, "y" if language == "es" else "and")
    article = rng.choice(_frames()["json"][language]["articles"])
    return Exchange(_asked("json", language, rng, fields=article + fields), answer)


_MAKERS: list[tuple[Callable[[Language, random.Random], Exchange], float]] = [
    (_capital, 3),
    (_country, 1),
    (_day, 2),
    (_month, 1.5),
    (_calendar, 1),
    (_season, 1.5),
    (_opposite, 2.5),
    (_colour, 2),
    (_translation, 1.5),
    (_unit, 2.5),
    (_sum, 4),
    (_count, 0.5),
    (_plain, 1.5),
    (_list, 4),
    (_json, 2.5),
]
