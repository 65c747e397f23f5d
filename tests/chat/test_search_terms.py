"""Words, terms and snippets: pure, whatever people type or models write."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.chat.search_terms import Term, terms_of
from appliance.chat.snippets import Fragment, snippet_of
from appliance.chat.words import LONGEST_WORD_CHARACTERS, folded_words_of, words_of

HOSTILE = st.text() | st.text(alphabet='"*()^:-+ NEARORANDT“”«»\0ñe\u0301', max_size=60)
SENTENCES = st.lists(
    st.sampled_from(["Mañana", "cafe\u0301", "ÁRBOL", "la", "luz", "sube", "3,14", "¿qué?", "\n"]),
    max_size=120,
).map(" ".join)


def folded(text: str) -> list[str]:
    return [word.folded for word in words_of(text)]


def marked(text: str, query: str) -> list[tuple[str, bool]]:
    return [(part.text, part.hit) for part in snippet_of(text, terms_of(query))]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("¿Qué comió la ñu?", ["que", "comio", "la", "nu"]),
        ("ni\u00f1o nin\u0303o NIÑO", ["nino", "nino", "nino"]),
        ("Straße, ﬁn, ½ ²", ["strasse", "fin", "12", "2"]),
        ("ana.ruiz@taller.example", ["ana", "ruiz", "taller", "example"]),
        ("snake_case 3,14", ["snake", "case", "3", "14"]),
        ("Ёлка ΣΊΣΥΦΟΣ", ["елка", "σισυφοσ"]),
        ("ᾳ α\u0345 a\u0345b", ["α", "α", "ab"]),
        ("…¡!*_", []),
        ("x" * 100, ["x" * LONGEST_WORD_CHARACTERS]),
    ],
)
def test_words_are_compared_without_accents_capitals_and_marks(text: str, words: list[str]) -> None:
    assert folded(text) == words
    assert folded_words_of(text) == words


@given(text=st.text() | HOSTILE)
def test_words_are_the_same_with_their_places_and_without(text: str) -> None:
    assert folded_words_of(text) == folded(text)


@given(text=st.text())
def test_words_stand_in_the_text_in_order_and_fold_to_letters_and_digits(text: str) -> None:
    at = 0
    for word in words_of(text):
        assert at <= word.start < word.end <= len(text)
        assert word.folded.isalnum()
        assert folded(text[word.start : word.end]) == [word.folded]
        at = word.end


@pytest.mark.parametrize(
    ("query", "terms"),
    [
        ("", ()),
        ("  ¿? *", ()),
        ("luz", (Term(("luz",), is_prefix=True),)),
        ("La LUZ", (Term(("la",), is_prefix=False), Term(("luz",), is_prefix=True))),
        ('"la luz"', (Term(("la", "luz"), is_prefix=False),)),
        ("«la luz» s", (Term(("la", "luz"), is_prefix=False), Term(("s",), is_prefix=True))),
        ('"la lu', (Term(("la", "lu"), is_prefix=True),)),
        ("3,14", (Term(("3", "14"), is_prefix=True),)),
        ("luz ***", (Term(("luz",), is_prefix=True),)),
    ],
)
def test_a_query_becomes_terms(query: str, terms: tuple[Term, ...]) -> None:
    assert terms_of(query) == terms


@given(query=HOSTILE)
def test_every_query_becomes_few_terms_of_plain_words(query: str) -> None:
    terms = terms_of(query)

    assert len(terms) <= 16
    assert all(word.isalnum() for term in terms for word in term.words)
    assert [term.is_prefix for term in terms[:-1]] == [False] * (len(terms) - 1 if terms else 0)


def test_what_is_found_is_marked_as_it_is_written() -> None:
    assert marked("Mañana compraré CAFÉ molido.", "cafe manana") == [
        ("Mañana", True),
        (" compraré ", False),
        ("CAFÉ", True),
        (" molido.", False),
    ]


def test_accents_of_their_own_stay_with_their_letters() -> None:
    assert marked("un nin\u0303o", "nino") == [("un ", False), ("nin\u0303o", True)]


def test_a_phrase_is_one_find_and_its_words_alone_are_none() -> None:
    assert marked("la luz, la  luz\nazul", '"luz la"') == [
        ("la ", False),
        ("luz, la", True),
        (" luz azul", False),
    ]


def test_the_snippet_shows_the_place_where_most_terms_stand_together() -> None:
    text = f"luz {'palabra ' * 100}la luz sube {'palabra ' * 100}"

    snippet = marked(text, "luz sube")

    assert [part for part, hit in snippet if hit] == ["luz", "sube"]
    assert (snippet[0][0][0], snippet[-1][0][-1]) == ("…", "…")
    assert sum(len(part) for part, _ in snippet) < 220


def test_words_that_never_end_are_cut() -> None:
    snippet = marked(f"{'y' * 500} {'x' * 5000}", "xx")

    assert sum(len(part) for part, _ in snippet) < 220
    assert any(hit for _, hit in snippet)


def test_without_a_find_the_beginning_is_shown() -> None:
    assert snippet_of("Hola", terms_of("luz")) == (Fragment("Hola", hit=False),)
    assert snippet_of("", terms_of("luz")) == ()


@given(text=SENTENCES, query=SENTENCES | HOSTILE)
def test_a_snippet_is_part_of_the_text_and_every_mark_is_a_term(text: str, query: str) -> None:
    terms = terms_of(query)
    snippet = snippet_of(text, terms)

    whole = "".join(part.text for part in snippet).removeprefix("…").removesuffix("…")
    assert whole.strip() in " ".join(text.split()) or whole in text
    for part in snippet:
        assert part.text
        if part.hit:
            found = tuple(folded(part.text))
            assert any(
                term.matches(found[first : first + len(term.words)])
                for term in terms
                for first in range(len(found))
                if len(found) - first >= len(term.words)
            )
