"""Answers keep to a grammar token by token, halves of characters included, and never get stuck."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from appliance.base.errors import InvalidValueError
from appliance.engine.text.form import Written
from appliance.engine.text.grammar import grammar_of
from appliance.engine.text.matching import Machine

END = 256 + 6


class Bytes:
    """A model whose tokens are all single bytes, a few words, and the end of the answer."""

    words = (b"the", b' "', b"\xc3\xa9t", b'{"na', b'me": ', b"")

    def beginnings(self) -> NDArray[np.int16]:
        texts = [self.text_of(token) for token in range(END)]
        rows = [(*([*text[:2], -1, -1][:2]), len(text)) for text in texts]
        return np.array([*rows, (-2, -1, 0)], np.int16)

    def text_of(self, token: int) -> bytes:
        return bytes([token]) if token < 256 else self.words[token - 256] if token < END else b""

    def ends_answer(self, token: int) -> bool:
        return token == END

    def tokens_of(self, text: str) -> Sequence[int]:
        return list(text.encode())


def begun(grammar: str) -> Written:
    return Written(Machine(grammar_of(grammar)), Bytes())


def allowed(form: Written) -> set[int]:
    return {token for token in range(END + 1) if form.allows(token)}


@given(logits=st.lists(st.integers(-100, 100), min_size=END + 1, max_size=END + 1), data=st.data())
@pytest.mark.parametrize(
    "grammar",
    ['root ::= [^"]{3}', "root ::= [é-東]{0,2} [🙂]?", 'root ::= "{\\"name\\": " [a-z]+ "}"',
     r"root ::= [\U0000D000-\U0001F642]{2}", "root ::= .{1,2}"],
)  # fmt: skip
def test_an_answer_is_always_led_to_its_end(grammar: str, logits: list[int], data: st.DataObject):
    form = begun(grammar)
    ranked = np.array(logits, np.float32)
    written = b""
    for _ in range(60):
        if form.must_end:
            break
        found = form.allowed_of(ranked, 1000)
        assert found
        assert set(found) <= allowed(form)
        token = data.draw(st.sampled_from(found))
        if token == END:
            break
        form.accept(token)
        written += Bytes().text_of(token)

    machine = Machine(grammar_of(grammar))
    state = machine.read(machine.start, written.decode())
    assert state is not None
    assert state.may_end or len(written) >= 60


def test_the_likeliest_allowed_token_comes_first():
    form = begun('root ::= [xyz] "!"')
    logits = np.zeros(END + 1, np.float32)
    logits[ord("y")], logits[ord("z")], logits[ord("a")] = 2.0, 1.0, 9.0

    assert form.allowed_of(logits, 10) == [ord("y"), ord("z"), ord("x")]


def test_an_answer_ends_only_where_its_form_may():
    form = begun('root ::= "a" "b"?')
    assert not form.allows(END)
    form.accept(ord("a"))
    assert allowed(form) == {ord("b"), END}
    form.accept(ord("b"))
    assert (allowed(form), form.must_end) == ({END}, True)


def test_a_character_may_come_in_halves_but_only_an_allowed_one():
    form = begun('root ::= "é"')
    form.accept(0xC3)

    assert allowed(form) == {0xA9}
    assert not form.must_end
    assert form.forced() == []


def test_beginnings_that_never_become_a_character_are_refused():
    form = begun("root ::= .")
    assert not {0xC0, 0xC1, 0xF5, 0xFF} & allowed(form)
    form.accept(0xED)
    # From 0xA0 on these would be halves of characters.
    assert allowed(form) == set(range(0x80, 0xA0))


def test_the_forced_text_leaves_its_last_token_open_where_more_may_follow():
    form = begun('root ::= "{" [a-z] "}"')
    assert form.forced() == []
    form.accept(ord("{"))
    form.accept(ord("x"))
    assert form.forced() == [ord("}")]


def test_a_token_that_is_not_allowed_is_not_taken():
    with pytest.raises(InvalidValueError) as caught:
        begun('root ::= "a"').accept(ord("b"))

    assert caught.value.code == "bad_grammar"
