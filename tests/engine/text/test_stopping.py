"""Stop texts are found however the answer is cut into pieces, and nothing else is lost."""

from hypothesis import given
from hypothesis import strategies as st

from appliance.engine.text.stopping import StopTexts

letters = st.text(alphabet="ab🙂", max_size=20)
stops = st.lists(st.text(alphabet="ab🙂", min_size=1, max_size=4), max_size=3)


def told(pieces: list[str], watched: StopTexts) -> str:
    """Return what gets through."""
    passed = ""
    for piece in pieces:
        passed += watched.passed(piece)
        if watched.found:
            return passed
    return passed + watched.rest()


@given(pieces=st.lists(letters, max_size=8), watched=stops)
def test_an_answer_ends_before_the_first_stop_text(pieces: list[str], watched: list[str]):
    whole = "".join(pieces)
    places = [whole.find(stop) for stop in watched if stop in whole]

    stop = StopTexts(watched)

    passed = told(pieces, stop)
    if not places:
        assert (passed, stop.found) == (whole, "")
    else:
        assert stop.found in watched
        # A longer one that began earlier may have been found later: what is told is before both.
        assert whole.startswith(passed)
        assert whole[len(passed) :].startswith(stop.found)
        assert not any(found in passed for found in watched)


def test_the_beginning_of_a_stop_text_is_held_back_until_it_is_sure():
    stop = StopTexts(["\nUser:"])

    assert [stop.passed(piece) for piece in ("Hi", "\nUs", "e", "d")] == ["Hi", "", "", "\nUsed"]
    assert stop.passed("\nUser") == ""
    assert stop.held_characters == 5
    assert (stop.passed(": more"), stop.found) == ("", "\nUser:")


def test_without_stop_texts_all_passes_at_once():
    stop = StopTexts([])
    assert (stop.passed("abc"), stop.rest(), stop.found) == ("abc", "", "")
