import base64

from appliance.engine.text.lexicon import told_of


class Letters:
    """A vocabulary of four letters; the last one is special."""

    vocabulary_size = 4

    def tokens_of(self, text: str, *, special: bool) -> list[int]:
        return ["abcX".index(letter) for letter in text if special or letter != "X"]

    def piece(self, token: int, *, special: bool = False) -> bytes:
        return b"abcX"[token : token + 1] if special or token < 3 else b""


def test_tokens_are_counted_and_named():
    assert told_of({"do": "count", "text": "abba"}, Letters()) == {"tokens": 4}
    assert told_of({"do": "tokens", "text": "abba"}, Letters()) == {"tokens": [0, 1, 1, 0]}


def test_names_of_special_tokens_in_a_text_are_words_like_others():
    assert told_of({"do": "tokens", "text": "aX"}, Letters()) == {"tokens": [0]}


def test_the_text_of_tokens_has_the_special_ones():
    told = told_of({"do": "text", "tokens": [0, 3]}, Letters())

    assert base64.b64decode(str(told["data"])) == b"aX"


def test_llama_is_never_asked_for_a_token_that_is_not_there():
    told = told_of({"do": "text", "tokens": [0, 4, 1]}, Letters())

    error = told["error"]
    assert isinstance(error, dict)
    assert (error["code"], error["fields"]) == ("unknown_token", {"token": 4})
