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


def sentence(text: str) -> str:
    """Return the text with a capital first letter."""
    return text[:1].upper() + text[1:]


def make_exchange(language: Language, rng: random.Random) -> Exchange:
    """Return a random exchange about a fact, a sum, a list or a JSON object."""
    makers, weights = zip(*_MAKERS, strict=True)
    return rng.choices(makers, weights)[0](language, rng)


def _capital(language: Language, rng: random.Random) -> Exchange:
    row, other = rng.sample(table()["capitals"], 2)
    if language == "es":
        follow_up = Exchange(
            spun(f"¿y (la |)(de|en) {other[0]}?|¿y {other[0]}?|¿(cuál es|) la de {other[0]}?", rng),
            f"La capital de {other[0]} es {other[1]}.",
        )
        ask = (
            f"¿(cuál es|dime|me dices|sabes|conoces|recuerdas|qué ciudad es) la capital (de {row[0]}|de {row[0]}|{row[4]})?"
            f"|capital de {row[0]}|¿(qué capital|cuál capital|cuál de las capitales) tiene {row[0]}?"
            f"|(dime|necesito saber|busco|nombra) la capital (de {row[0]}|{row[4]})|¿{row[0]} qué capital tiene?"
            f"|¿cómo se llama la (capital|ciudad capital) (de {row[0]}|{row[4]})?"
        )
        return Exchange(spun(ask, rng), f"La capital de {row[0]} es {row[1]}.", (follow_up,))
    follow_up = Exchange(
        spun(f"and (of|for|in) {other[2]}?|and {other[2]}?|what about {other[2]}?", rng),
        f"The capital of {other[2]} is {other[3]}.",
    )
    ask = (
        f"(what is|what's|tell me|do you know|name|remember) the (capital|capital city) of {row[2]}?"
        f"|(what is|tell me|name) the {row[5]} capital?|capital of {row[2]}|(which|what) (city|town) is the capital of {row[2]}?"
        f"|(which|what) capital does {row[2]} have?|I (need|want) to know the (capital of {row[2]}|{row[5]} capital)"
        f"|(can you|could you) (say|tell me) the (capital of {row[2]}|{row[5]} capital)?"
    )
    return Exchange(spun(ask, rng), f"The capital of {row[2]} is {row[3]}.", (follow_up,))


def _country_of(language: Language, rng: random.Random) -> Exchange:
    row = rng.choice(table()["capitals"])
    if language == "es":
        ask = f"¿de qué país es (la |)capital {row[1]}?|¿(en qué país|dónde) está {row[1]}?|{row[1]}, ¿de qué país es?"
        return Exchange(spun(ask, rng), f"{row[1]} es la capital de {row[0]}.")
    ask = f"(which|what) country has {row[3]} as (its |)capital?|(in which country|where) is {row[3]}?"
    return Exchange(spun(ask, rng), f"{row[3]} is the capital of {row[2]}.")


def _neighbour_day(language: Language, rng: random.Random) -> Exchange:
    days = table()["days"]
    at = rng.randrange(7)
    column = 0 if language == "es" else 1
    today, after, before = days[at][column], days[(at + 1) % 7][column], days[at - 1][column]
    forwards = happens(0.65, rng)
    if language == "es":
        ask = (
            f"¿qué día (va|viene|hay|sigue|es|cae) (después|detrás|a continuación) (de|del) {today}?|(hoy es|estamos a|es) {today}, ¿(qué día es|qué es|qué toca) mañana?"
            f"|si (hoy es|estamos a|es) {today}, (¿qué día (es|será) mañana?|¿mañana qué (día|) es?|mañana será...)|después del {today}, ¿qué viene?|¿cuál es el día (siguiente al|después del) {today}?"
            if forwards
            else f"¿qué día (va|viene|hay|está) antes (de|del) {today}?|(si |)hoy es {today}, ¿qué día fue ayer?|¿cuál es el día anterior al {today}?"
        )
        answer = (
            f"Después del {today} viene el {after}."
            if forwards
            else f"Antes del {today} está el {before}."
        )
        return Exchange(spun(ask, rng), answer)
    ask = (
        f"(which|what) day (comes|is|follows) after {today}?|(today is|it is) {today}, what (day |)is tomorrow?|(if|when|suppose) (today is|it is) {today}, (what|which day) (is|comes) tomorrow?"
        f"|after {today}, what comes?|what is the day (following|after) {today}?|tomorrow is (which|what) day if (today is|it is) {today}?"
        if forwards
        else f"(which|what) day (comes|is) before {today}?|(if |)today is {today}, what (day |)was yesterday?|what is the day before {today}?"
    )
    return Exchange(
        spun(ask, rng),
        f"After {today} comes {after}." if forwards else f"Before {today} comes {before}.",
    )


def _neighbour_month(language: Language, rng: random.Random) -> Exchange:
    months = table()["months"]
    at = rng.randrange(12)
    column = 0 if language == "es" else 1
    month, after, before = months[at][column], months[(at + 1) % 12][column], months[at - 1][column]
    kind = rng.randrange(3)
    if kind == 2:
        length = table()["month_days"][at]
        if language == "es":
            return Exchange(
                spun(f"¿cuántos días (tiene|trae|hay en) (el mes de |){month}?", rng),
                f"{sentence(month)} tiene {length} días.",
            )
        return Exchange(
            spun(
                f"how many days (does {month} have|has {month}|are in {month}|are there in {month})?",
                rng,
            ),
            f"{month} has {length} days.",
        )
    if language == "es":
        side = "después" if kind == 0 else "antes"
        ask = f"¿qué mes (va|viene|hay|es) {side} de {month}?|¿cuál es el mes {'siguiente' if kind == 0 else 'anterior'} a {month}?"
        return Exchange(
            spun(ask, rng),
            f"{sentence(side)} de {month} {'viene ' + after if kind == 0 else 'está ' + before}.",
        )
    side = "after" if kind == 0 else "before"
    ask = f"(which|what) month (comes|is) {side} {month}?|what is the month {side} {month}?"
    return Exchange(
        spun(ask, rng), f"{sentence(side)} {month} comes {after if kind == 0 else before}."
    )


def _calendar_whole(language: Language, rng: random.Random) -> Exchange:
    kind = rng.choice(["days", "months", "seasons"])
    column = 0 if language == "es" else 1
    names = [row[column] for row in table()[kind]]
    if language == "es":
        what = {
            "days": "días de la semana",
            "months": "meses del año",
            "seasons": "estaciones del año",
        }[kind]
        ask = f"(dime|cuáles son|enumera|nombra|lista|recítame) los {what}|¿(qué|cuáles) son los {what}?|{what}"
        if kind == "seasons":
            ask = ask.replace("los ", "las ")
        article = "Las" if kind == "seasons" else "Los"
        return Exchange(spun(ask, rng), f"{article} {what} son {_joined(names, 'y')}.")
    what = {
        "days": "days of the week",
        "months": "months of the year",
        "seasons": "seasons of the year",
    }[kind]
    ask = f"(tell me|what are|list|name|recite) the {what}|(which|what) are the {what}?|{what}"
    return Exchange(spun(ask, rng), f"The {what} are {_joined(names, 'and')}.")


def _season(language: Language, rng: random.Random) -> Exchange:
    kind = rng.randrange(6)
    seasons = [row[0 if language == "es" else 1] for row in table()["seasons"]]
    if language == "es":
        which = (
            "¿(cuál|qué|en qué|cuál de las estaciones) (es la|) (estación|estación del año|época)"
        )
        choices = [
            (
                f"{which} (más (calurosa|cálida|caliente)|es más cálida|hace más calor|se pasa más calor|de más calor)?|¿cuándo hace (más|mucho) calor( en el año|)?|¿hace más calor en (primavera|otoño|invierno|verano) o en (verano|invierno|otoño)?",
                "El verano es la estación más calurosa.",
            ),
            (
                f"{which} (más (fría|helada)|es más fría|hace más frío|nieva|de más frío)?|¿cuándo hace (más|mucho) frío( en el año|)?|¿dónde hace más frío, en (primavera|otoño|verano) o en invierno?",
                "El invierno es la estación más fría.",
            ),
            (
                f"{which} (caen las hojas|se caen las hojas)?|¿cuándo caen las hojas( de los árboles|)?",
                "En otoño caen las hojas.",
            ),
            (
                f"{which} (salen|nacen|brotan) las flores?|¿cuándo (salen|brotan) las flores?",
                "En primavera salen las flores.",
            ),
            (
                "¿cuántas estaciones (hay|tiene el año|son)( en el año|)?",
                "El año tiene cuatro estaciones.",
            ),
        ]
        if kind == 5:
            at = rng.randrange(4)
            return Exchange(
                spun(f"¿qué (estación |)viene después (de|del) {seasons[at]}?", rng),
                f"Después viene {'la' if (at + 1) % 4 == 0 else 'el'} {seasons[(at + 1) % 4]}.",
            )
    else:
        which = "(which|what|in which) (season|time of the year|part of the year) (is|is it|of the four is)"
        choices = [
            (
                f"{which} (the hottest|the warmest|hottest|warmest|very hot)?|when is it (hottest|warmest|very hot)( in the year|)?|is it hotter in (spring|autumn|winter|summer) or in (summer|winter)?|name the (hottest|warmest) (season|time of the year)",
                "Summer is the hottest season.",
            ),
            (
                f"{which} (the coldest|the chilliest|coldest|chilly|very cold)?|when is it (coldest|very cold)( in the year|)?|is it colder in (spring|autumn|summer) or in winter?|name the (coldest|chilliest) (season|time of the year)",
                "Winter is the coldest season.",
            ),
            (
                "when do the leaves fall?|in which season do (the |)leaves fall?",
                "The leaves fall in autumn.",
            ),
            (
                "when do flowers (bloom|come out)?|in which season do (the |)flowers bloom?",
                "Flowers bloom in spring.",
            ),
            (
                "how many seasons (are there|does the year have|has a year)( in a year|)?",
                "The year has four seasons.",
            ),
        ]
        if kind == 5:
            at = rng.randrange(4)
            return Exchange(
                spun(f"(which|what) (season |)comes after {seasons[at]}?", rng),
                f"After {seasons[at]} comes {seasons[(at + 1) % 4]}.",
            )
    ask, answer = choices[kind]
    return Exchange(spun(ask, rng), answer)


def _opposite(language: Language, rng: random.Random) -> Exchange:
    row = rng.choice(table()["opposites"])
    word, other = (row[0], row[1]) if language == "es" else (row[2], row[3])
    # "Old" is the opposite of two words; the other pairs may also be asked the other way round.
    if happens(0.4, rng) and other not in {"viejo", "old", "short", "light"}:
        word, other = other, word
    if language == "es":
        ask = (
            f"¿(cuál es|qué es|sabes|qué palabra es) (el|lo) (contrario|opuesto|antónimo) (de|a) (la palabra |)(«{word}»|{word}|{word}|{word})?"
            f"|(el |)(contrario|antónimo|opuesto) de {word}|(dime|dame|busco) (el antónimo|un antónimo|el contrario|la palabra contraria|lo opuesto) (de|a) {word}"
            f"|¿(cómo se dice|qué es) lo (contrario|opuesto) (de|a) {word}?|si no es {word}, ¿qué es?"
        )
        return Exchange(spun(ask, rng), f"Lo contrario de «{word}» es «{other}».")
    ask = (
        f'(what is|what\'s|tell me|do you know|give me) the (opposite|antonym|contrary) (of|to) (the word |)("{word}"|{word}|{word}|{word})?'
        f"|(opposite|antonym) of {word}|(which|what) (word|term) is the (opposite|contrary) (of|to) {word}?|give me an (antonym|opposite) (of|for) {word}"
        f"|if it is not {word}, what is it?|(find|I need) (a word|the word) (opposite|contrary) to {word}"
    )
    return Exchange(spun(ask, rng), f'The opposite of "{word}" is "{other}".')


def _colour(language: Language, rng: random.Random) -> Exchange:
    row = rng.choice(table()["colours"])
    if language == "es":
        verb = "son" if row[0].startswith(("las ", "los ")) else "es"
        ask = (
            f"¿de qué color (es|tiene|está|suele ser|vemos) {row[0]}?|¿qué color (tiene|tienen|es el de|le pondrías a) {row[0]}?|color de {row[0]}"
            f"|(dime|sabes|recuerdas) (el color|de qué color es|qué color tiene) {row[0]}|¿{row[0]} de qué color es?|normalmente, ¿de qué color {verb} {row[0]}?"
        )
        return Exchange(
            spun(ask.replace("de el ", "del "), rng), f"{sentence(row[0])} {verb} {row[1]}."
        )
    verb = "are" if row[2] == "leaves" else "is"
    ask = (
        f"(what|which) (colour|color) {verb} {row[2]}?|what is the (colour|color) of {row[2]}?|(colour|color) of {row[2]}"
        f"|(tell me|do you know|do you remember) (the colour of|what colour is|what colour has) {row[2]}|{row[2]}, (what|which) colour {verb} (it|that)?"
        f"|(usually|normally|in summer|by day|by nature), (what|which) colour (is|has|does one see in) {row[2]}?|(what|which) colour (has|does) {row[2]}( have|)?"
    )
    return Exchange(spun(ask, rng), f"{sentence(row[2])} {verb} {row[3]}.")


def _word(language: Language, rng: random.Random) -> Exchange:
    spanish, english = rng.choice(table()["words"])
    if language == "es":
        if happens(0.6, rng):
            ask = f"¿cómo se (dice|escribe|llama) {spanish} en inglés?|(traduce|dime) {spanish} (al|en) inglés|{spanish} en inglés|¿qué es {spanish} en inglés?"
            return Exchange(spun(ask, rng), f"«{sentence(spanish)}» en inglés es «{english}».")
        ask = f"¿qué (significa|quiere decir) «{english}»( en español|)?|(traduce|dime) «{english}» (al|en) español|¿cómo se dice «{english}» en español?"
        return Exchange(spun(ask, rng), f"«{sentence(english)}» en español es «{spanish}».")
    if happens(0.6, rng):
        ask = f"how do you (say|write|spell) {english} in spanish?|translate {english} (to|into) spanish|{english} in spanish|what is {english} in spanish?"
        return Exchange(spun(ask, rng), f'"{sentence(english)}" in Spanish is "{spanish}".')
    ask = f'what does "{spanish}" mean( in english|)?|translate "{spanish}" (to|into) english|what is "{spanish}" in english?'
    return Exchange(spun(ask, rng), f'"{sentence(spanish)}" in English is "{english}".')


def _unit(language: Language, rng: random.Random) -> Exchange:
    row = rng.choice(table()["units"])
    if language == "es":
        whole, parts, digits, word = row[:4]
        verb = "son" if happens(0.5, rng) else "tiene"
        ask = (
            f"¿cuántos {parts} (tiene|hay en|son|caben en|hacen|equivalen a|forman|entran en|dura) {whole}?|{whole}, ¿cuántos {parts} (son|tiene|hay|trae)?"
            f"|¿cuántos {parts} (suman|hacen falta para) {whole}?|(pasa|convierte) {whole} a {parts}|{whole} en {parts}|¿a cuántos {parts} equivale {whole}?"
            f"|(dime|sabes|recuérdame) cuántos {parts} (tiene|hay en|son) {whole}|en {whole} ¿cuántos {parts} (hay|son|caben)?"
        )
        return Exchange(
            spun(
                ask.replace("cuántos unidades", "cuántas unidades")
                .replace("cuántos horas", "cuántas horas")
                .replace("cuántos semanas", "cuántas semanas"),
                rng,
            ),
            f"{sentence(whole)} {verb} {digits if happens(0.6, rng) else word} {parts}.",
        )
    whole, parts, digits, word = row[4:]
    verb = "is" if happens(0.5, rng) else "has"
    ask = (
        f"how many {parts} (does {whole} have|are in {whole}|are there in {whole}|make {whole}|is {whole}|make up {whole}|go into {whole}|fit in {whole})?|{whole} (is|has) how many {parts}?"
        f"|(convert|turn) {whole} (to|into) {parts}|{whole} in {parts}|what is {whole} in {parts}?|in {whole}, how many {parts} (are there|do we count)?"
        f"|(tell me|remind me|do you know) how many {parts} (are in|make|there are in) {whole}|{whole} (contains|is made of|equals|counts) how many {parts}?"
    )
    return Exchange(
        spun(ask, rng),
        f"{sentence(whole)} {verb} {digits if happens(0.6, rng) else word} {parts}.",
    )


def _sum(language: Language, rng: random.Random) -> Exchange:
    names = table()["numbers"][language]
    first, second = rng.randint(0, 10), rng.randint(0, 10)
    sign = rng.choice(["+", "+", "-"])
    if sign == "-":
        first, second = max(first, second), min(first, second)
    result = first + second if sign == "+" else first - second
    in_words = happens(0.55, rng)
    left, right = (names[first], names[second]) if in_words else (str(first), str(second))
    operator = {"es": {"+": "más", "-": "menos"}, "en": {"+": "plus", "-": "minus"}}[language][sign]
    if not in_words and happens(0.5, rng):
        operator = sign
    task = (
        f"{left} {operator} {right}"
        if in_words or operator != sign or happens(0.5, rng)
        else f"{left}{sign}{right}"
    )
    if language == "es":
        asks = (
            "¿cuánto (es|son|hacen|da|suma) {}?|{}|calcula {}|(suma|resuelve|haz la cuenta|hazme esta cuenta|dime el resultado)(:|) {}|¿{}?|(dime|sabes) cuánto (es|son) {}"
            "|(vamos a ver|veamos|venga|cuenta rápida|matemáticas|un examen|pregunta fácil|calculadora)(:|,) ¿(cuánto (es|son) |){}?|¿cuál es el resultado de {}?|{} es igual a|{} ="
        )
        how = operator if operator in {"más", "menos"} else {"+": "más", "-": "menos"}[sign]
        said = (
            f"{names[first]} {how} {names[second]} {'es' if result == 1 else 'son'} {names[result]}"
            if in_words
            else f"{first} {sign} {second} = {result}"
        )
        return Exchange(spun(asks, rng).replace("{}", task), f"{sentence(said)}.")
    asks = (
        "(what is|what's|how much is|what does) {}?|{}|calculate {}|(add|work out|solve|do this sum|compute|give me the result of)(:|) {}|{}?|(tell me|do you know) what {} is"
        "|(let me see|come on|quick sum|maths|an exam|easy question|calculator|a little test)(:|,) (what is |){}?|what is the result of {}?|{} equals|{} ="
    )
    said = (
        f"{names[first]} {operator if operator in {'plus', 'minus'} else {'+': 'plus', '-': 'minus'}[sign]} {names[second]} is {names[result]}"
        if in_words
        else f"{first} {sign} {second} = {result}"
    )
    return Exchange(spun(asks, rng).replace("{}", task), f"{sentence(said)}.")


def _count(language: Language, rng: random.Random) -> Exchange:
    last = rng.randint(3, 12)
    numbers = ", ".join(str(number) for number in range(1, last + 1))
    name = table()["numbers"][language][last] if happens(0.5, rng) else str(last)
    ask = (
        f"(cuenta|cuéntame|sabes contar|di los números) hasta {name}|cuenta (de|del) 1 (a|al) {name}"
        if language == "es"
        else f"(count|can you count|say the numbers) (up |)to {name}|count from 1 to {name}"
    )
    return Exchange(spun(ask, rng), f"{numbers}.")


def _plain(language: Language, rng: random.Random) -> Exchange:
    fact = rng.choice(table()["plain"])[language]
    return Exchange(spun(rng.choice(fact["ask"]), rng), fact["say"])


def _list(language: Language, rng: random.Random) -> Exchange:
    kind = rng.choice(table()["lists"][language])
    wanted = rng.choices([2, 3, 4, 5], [2, 5, 2, 2])[0]
    start = rng.choice([0, 0, 1, 2])
    items = [kind["items"][(start + i) % len(kind["items"])] for i in range(wanted)]
    number = table()["numbers"][language][wanted] if happens(0.7, rng) else str(wanted)
    what = rng.choice(kind["names"])
    if language == "es":
        ask = (
            f"(dame|dime|escribe|nombra|enumera|cítame|piensa en|menciona|sugiere|quiero|necesito|apunta|ponme|pon|invéntate|busca|propón) {number} {what}( distintas| cualesquiera| que te gusten| diferentes|)"
            f"|(haz|hazme|dame|escribe|prepara|quiero|crea|necesito) una (lista|listita|lista corta|relación) (de|con) {number} {what}|¿(me dices|puedes decirme|me das|sabes|conoces|me nombras) {number} {what}?"
            f"|{number} {what}|(un listado|lista) (de|con) {number} {what}|(venga|ahora)(,|) (dame|dime) {number} {what}"
        )
    else:
        ask = (
            f"(give me|tell me|write|name|list|mention|think of|suggest|I want|I need|note down|find|propose|invent|show me|pick) {number} {what}( of any kind| that you like| you know| at random|)"
            f"|(make|give me|write|prepare|I want|create|draw up|I need) (a list|a little list|a short list|a listing) (of|with) {number} {what}|(can you|could you) (give me|name|tell me|list) {number} {what}?"
            f"|{number} {what}|(a listing|list) of {number} {what}|(come on|now)(,|) (give me|tell me) {number} {what}|what are {number} {what}?"
        )
    numbered = "\n".join(f"{place}. {sentence(item)}" for place, item in enumerate(items, start=1))
    return Exchange(spun(ask, rng), numbered)


def _json(language: Language, rng: random.Random) -> Exchange:
    values = table()["json"][language]
    keys = rng.sample(sorted(values), rng.choices([1, 2, 3], [2, 6, 3])[0])
    answer = json.dumps({key: rng.choice(values[key]) for key in keys}, ensure_ascii=False)
    named = dict(zip(["pais", "telefono", "titulo"], ["país", "teléfono", "título"], strict=True))
    if language == "es":
        fields = _joined([named.get(key, key) if happens(0.7, rng) else key for key in keys], "y")
        article = rng.choice(["", "", "los campos ", "las claves ", "un ", "el "])
        ask = (
            f"(responde|contesta|respóndeme|devuelve la respuesta|dímelo) (en|con|en formato) json con {article}{fields}|(dame|escribe|genera|crea|hazme|quiero|haz|prepara|necesito|muéstrame) (un|un objeto|un ejemplo de|un fichero) json (con|de|que incluya|que contenga|para) {article}{fields}"
            f"|json con {article}{fields}|¿(puedes|podrías) (darme|hacer|crear|devolver) un json (con|que lleve|de) {article}{fields}?|(pon|mete|guarda) {article}{fields} en (un |)json|en (formato |)json: {fields}"
        )
    else:
        fields = _joined(keys, "and")
        article = rng.choice(["", "", "the fields ", "the keys ", "a ", "the "])
        ask = (
            f"(answer|reply|respond|give the answer|say it) (in|with|as) json with {article}{fields}|(give me|write|generate|create|make|I want|make me|prepare|I need|show me) (a json|a json object|an example of json|a json file) (with|of|that includes|that contains|for|that has) {article}{fields}"
            f"|json with {article}{fields}|(can you|could you) (give me|make|create|return) (a json|json) (with|that has|of) {article}{fields}?|(put|store|save) {article}{fields} in (a |)json|in json( format|): {fields}"
        )
    return Exchange(spun(ask, rng), answer)


def _joined(items: list[str], last: str) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {last} {items[-1]}"


_MAKERS: list[tuple[Callable[[Language, random.Random], Exchange], float]] = [
    (_capital, 3),
    (_country_of, 1),
    (_neighbour_day, 2),
    (_neighbour_month, 1.5),
    (_calendar_whole, 1),
    (_season, 1.5),
    (_opposite, 2.5),
    (_colour, 2),
    (_word, 1.5),
    (_unit, 2.5),
    (_sum, 4),
    (_count, 0.5),
    (_plain, 1.5),
    (_list, 4),
    (_json, 2.5),
]
