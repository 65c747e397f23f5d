from dataclasses import replace

import pytest

from appliance.base.errors import InvalidValueError
from appliance.base.secret import Secret
from appliance.engine.providers.model import Place, ProviderKind, Roster
from appliance.providers.model import (
    ProviderWish,
    changed,
    checked_order,
    new_provider,
    ordered,
    redirected,
)

OPENAI = new_provider(
    ProviderKind.OPENAI, ProviderWish(name="OpenAI", model="gpt-6-luna", key=Secret("k")), taken=[]
)


def test_a_known_kind_knows_its_address_and_its_place():
    assert (OPENAI.id, OPENAI.addresses) == ("openai", ("https://api.openai.com/v1",))
    assert (OPENAI.place, OPENAI.first_word_s) == (Place.CLOUD, 30.0)


@pytest.mark.parametrize(
    ("name", "made"),
    [("Ático ñ", "atico-n"), ("local", "local-2"), ("!!!", "provider"), ("openai", "openai-2")],
)
def test_everybody_gets_an_id_of_their_own(name, made):
    wish = ProviderWish(name=name, model="m")

    assert new_provider(ProviderKind.OLLAMA, wish, taken=["openai"]).id == made


def test_another_address_loses_the_key_that_was_for_the_first():
    moved = changed(OPENAI, ProviderWish(addresses=("https://elsewhere.example/v1",)))
    renamed = changed(OPENAI, ProviderWish(name="Mine"))
    given = changed(
        OPENAI, ProviderWish(addresses=("https://elsewhere.example/v1",), key=Secret("new"))
    )

    assert (moved.key, renamed.key, given.key) == (None, OPENAI.key, Secret("new"))


def test_an_empty_key_takes_the_key_away():
    assert changed(OPENAI, ProviderWish(key=Secret(""))).key is None


@pytest.mark.parametrize(
    "address",
    [
        "ftp://x",
        "https://",
        "not an address",
        "https://user:pass@example.com",
        "https://example.com/?a=b",
        "https://example.com/#x",
        "http://example.com",
        "http://8.8.8.8:80",
        "https://example.com:99999",
        "https://exämple.com",
        "file:///etc/passwd",
        "https://[::1",
    ],
)
def test_an_address_that_is_none_or_open_to_read_is_refused(address):
    with pytest.raises(InvalidValueError):
        changed(OPENAI, ProviderWish(addresses=(address,)))


def test_several_boxes_share_work_only_where_that_makes_sense():
    two = ProviderWish(name="Pool", model="m", addresses=("http://10.0.0.1", "http://10.0.0.2/"))

    pool = new_provider(ProviderKind.OLLAMA, two, taken=[])
    assert pool.addresses == ("http://10.0.0.1", "http://10.0.0.2")
    with pytest.raises(InvalidValueError):
        new_provider(ProviderKind.LM_STUDIO, two, taken=[])
    with pytest.raises(InvalidValueError):
        new_provider(ProviderKind.OPENAI_COMPATIBLE, ProviderWish(name="x", model="m"), taken=[])


def test_the_settings_lead_to_another_address_by_kind_or_id():
    assert redirected(OPENAI, {"openai": "http://127.0.0.1:9/"}).addresses == (
        "http://127.0.0.1:9",
    )
    own = replace(OPENAI, id="my-ai", addresses=("https://mine.example",))
    assert redirected(own, {"openai": "http://127.0.0.1:9"}) == own
    assert redirected(own, {"my_ai": "http://127.0.0.1:9"}).addresses == ("http://127.0.0.1:9",)
    assert redirected(OPENAI, {"openai": "http://127.0.0.1:9"}).place is Place.CLOUD


def test_the_order_names_each_of_them_once():
    roster = Roster((OPENAI,), ("local",))

    assert ordered(roster) == ("local", "openai")
    assert checked_order(roster, ["openai", "local"]) == ("openai", "local")
    for wrong in ([], ["openai"], ["openai", "openai"], ["openai", "local", "x"]):
        with pytest.raises(InvalidValueError):
            checked_order(roster, wrong)
