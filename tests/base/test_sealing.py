import hashlib
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.base.errors import UnavailableError
from appliance.base.sealing import Sealer
from appliance.base.secret import Secret
from tests.fakes.clock import ManualClock


def sealer(clock: ManualClock | None = None, box: str = "this box") -> Sealer:
    return Sealer(
        lambda purpose: hashlib.sha256(f"{box} {purpose}".encode()).digest(),
        clock or ManualClock(),
        period=timedelta(days=90),
    )


@given(text=st.text(max_size=50))
def test_what_is_sealed_is_opened_again_and_does_not_show(text):
    sealed = sealer().sealed(Secret(text), purpose="key of openai")

    assert sealer().opened(sealed, purpose="key of openai").reveal() == text
    assert len(text) < 4 or text not in sealed


@pytest.mark.parametrize(
    ("box", "purpose"), [("this box", "key of shed"), ("another box", "key of openai")]
)
def test_nobody_else_opens_it_and_not_for_another_purpose(box, purpose):
    sealed = sealer().sealed(Secret("sk-1"), purpose="key of openai")

    with pytest.raises(UnavailableError, match="cannot be opened"):
        sealer(box=box).opened(sealed, purpose=purpose)


@pytest.mark.parametrize("sealed", ["", ".", "1.", "x.y", "1.gAAAA", "99999999999.abc", "ñ.ñ"])
def test_what_is_broken_is_refused(sealed):
    with pytest.raises(UnavailableError):
        sealer().opened(sealed, purpose="key of openai")


def test_after_its_period_it_is_old_and_still_opens():
    clock = ManualClock()
    sealed = sealer(clock).sealed(Secret("sk-1"), purpose="p")
    assert sealer(clock).is_old(sealed) is False

    clock.advance(91 * 86_400)

    assert sealer(clock).is_old(sealed) is True
    assert sealer(clock).opened(sealed, purpose="p").reveal() == "sk-1"
