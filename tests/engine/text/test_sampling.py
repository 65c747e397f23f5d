from hypothesis import given
from hypothesis import strategies as st

from appliance.engine.text.model import Sampling
from appliance.engine.text.sampling import Settled, settled


def test_what_was_asked_for_goes_before_what_the_model_recommends() -> None:
    wish = Sampling(temperature=1.5, top_k=0, top_p=1.0, min_p=0.1, repeat_penalty=1.1)

    assert settled(wish, {"temp": "0.2", "top_k": "20", "top_p": "0.8"}) == Settled(
        temperature=1.5, top_k=0, top_p=1.0, min_p=0.1, repeat_penalty=1.1
    )


def test_what_nobody_asked_for_is_as_the_model_recommends() -> None:
    assert settled(Sampling(), {"temp": "0.2", "top_k": "20"}) == Settled(
        temperature=0.2, top_k=20, top_p=0.9, min_p=0.0, repeat_penalty=1.0
    )


@given(said=st.dictionaries(st.sampled_from(["temp", "top_k", "top_p"]), st.text(max_size=20)))
def test_nonsense_in_a_file_never_reaches_the_sampler(said: dict[str, str]) -> None:
    chosen = settled(Sampling(), said)

    assert 0 <= chosen.temperature <= 2
    assert 0 <= chosen.top_k <= 1000
    assert 0 <= chosen.top_p <= 1
