import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.base.errors import TooLargeError
from appliance.base.process.frames import LineSplitter, decoded, encoded

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(message=st.dictionaries(st.text(), json_values))
def test_every_message_survives_the_pipe(message: dict[str, object]):
    line = encoded(message)

    assert line.count(b"\n") == 1
    assert decoded(line) == message


@given(
    lines=st.lists(st.binary(max_size=12).filter(lambda line: b"\n" not in line)),
    cut=st.integers(min_value=1, max_value=7),
)
def test_lines_come_out_whole_however_the_stream_is_cut(lines: list[bytes], cut: int):
    stream = b"".join(line + b"\n" for line in lines)
    splitter = LineSplitter(longest_bytes=12)

    chunks = [stream[start : start + cut] for start in range(0, len(stream), cut)]
    found = [line for chunk in chunks for line in splitter.feed(chunk)]

    assert (found, splitter.take_skipped()) == (lines, 0)


def test_a_line_that_is_too_long_is_skipped_and_the_next_one_is_not():
    splitter = LineSplitter(longest_bytes=4)

    found = [*splitter.feed(b"abcd\nabcde"), *splitter.feed(b"fgh\nij\n")]

    assert found == [b"abcd", b"ij"]
    assert (splitter.take_skipped(), splitter.take_skipped()) == (1, 0)


@pytest.mark.parametrize("line", [b"", b"[1]", b"null", b"{", b"\xff{}", b"[" * 100_000])
def test_what_is_not_a_json_object_is_not_a_message(line: bytes):
    assert decoded(line) is None


def test_a_message_that_is_too_long_is_refused():
    with pytest.raises(TooLargeError):
        encoded({"text": "ñ" * 4_200_000})


def test_characters_travel_as_they_are():
    assert encoded({"a": "ñ\u2028"}) == b'{"a":"\xc3\xb1\xe2\x80\xa8"}\n'


def test_halves_of_characters_do_not_keep_a_message_from_travelling():
    assert decoded(encoded({"a\ud800": ["\udc00é"]}).rstrip()) == {"a?": ["?é"]}
