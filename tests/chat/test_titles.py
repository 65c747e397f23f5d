"""Titles are short, on one line and without Markdown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.chat.titles import folded, title_of


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("¿Qué tiempo hace?", "¿Qué tiempo hace?"),
        ("  Hola\n\nmundo\t!  ", "Hola mundo !"),
        ("## Plan\n- **uno**\n- _dos_", "Plan uno dos"),
        ("```python\nprint(snake_case)\n```", "python: print(snake_case)"),
        ("```\n\n#!\nls -l\n```", "ls -l"),
        ("```python\nx = 1\n```\n¿Qué hace esto?", "¿Qué hace esto?"),
        ("Arregla:\n~~~js\nlet a\n~~~\ngracias", "Arregla: gracias"),
        ("Mira ```python\nx = 1", "Mira python x = 1"),
        ("```sql\nSELECT 1", "sql: SELECT 1"),
        ("Lee [la guía](https://example.org/a_b) y `resume`", "Lee la guía y resume"),
        ("1. primero", "primero"),
        ("```", "```"),
        ("a" * 70, "a" * 59 + "…"),
        (
            "Explícame paso a paso cómo se calcula el precio de la luz en España, por favor",
            "Explícame paso a paso cómo se calcula el precio de la luz…",
        ),
    ],
)
def test_a_title_is_made_of_the_first_words(question: str, title: str) -> None:
    assert title_of(question) == title


def test_a_question_without_words_is_called_by_its_file() -> None:
    assert title_of("…", ["luz 2026.csv", "gas.csv"]) == "…"
    assert title_of(" ", ["luz\n2026.csv", "gas.csv"]) == "luz 2026.csv"
    assert title_of("¿Cuánto suma?", ["luz.csv"]) == "¿Cuánto suma?"


@given(question=st.text(min_size=1, max_size=300).filter(str.strip))
def test_a_title_is_one_line_of_at_most_sixty_characters(question: str) -> None:
    title = title_of(question)

    assert len(title) <= 60
    assert len(title.splitlines()) <= 1


@pytest.mark.parametrize(
    ("text", "key"), [("CAFÉ  Ñandú", "cafe nandu"), ("Straße", "strasse"), ("  ", "")]
)
def test_searches_ignore_accents_and_capitals(text: str, key: str) -> None:
    assert folded(text) == key


@given(text=st.text(max_size=50))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert folded(folded(text)) == folded(text)
