"""The rings against a list of everything: nobody misses anything without being told so."""

from hypothesis import given
from hypothesis import strategies as st

from appliance.base.identity import Role
from appliance.base.live.model import LiveEvent, ToRole, ToUser
from appliance.base.live.ring import Rings
from tests.fakes.signing_in import person

PEOPLE = [person("ana"), person("ben", Role.SUPERVISOR), person("eva", Role.ADMIN)]
audiences = st.one_of(
    st.sampled_from([ToUser(one.user_id) for one in PEOPLE] + [ToUser("nobody")]),
    st.sampled_from([ToRole(role) for role in Role]),
)
START = 100


@given(
    told=st.lists(audiences, max_size=40),
    asker=st.sampled_from(PEOPLE),
    last_id=st.integers(START - 3, START + 43),
    per_audience=st.integers(1, 5),
    most=st.integers(1, 6),
)
def test_who_comes_back_gets_all_that_was_missed_or_is_told_that_it_is_lost(
    told, asker, last_id, per_audience, most
):
    rings = Rings(before_first_id=START, per_audience=per_audience, audiences=most)
    all_of_it = [(audience, rings.keep(LiveEvent(audience, "e", {}))) for audience in told]

    missed = rings.since(asker, last_id)

    theirs = [one for audience, one in all_of_it if audience.includes(asker) and one.id > last_id]
    if missed is not None:
        assert missed == theirs
    was_given = START <= last_id <= rings.newest_id
    assert was_given or missed is None


@given(told=st.lists(audiences, max_size=5), asker=st.sampled_from(PEOPLE))
def test_few_news_are_never_lost(told, asker):
    rings = Rings(before_first_id=START, per_audience=5, audiences=6)
    for audience in told:
        rings.keep(LiveEvent(audience, "e", {}))

    assert rings.since(asker, START) is not None


@given(told=st.lists(audiences, min_size=1, max_size=60))
def test_ids_grow_one_by_one(told):
    rings = Rings(before_first_id=START, per_audience=2, audiences=2)

    ids = [rings.keep(LiveEvent(audience, "e", {})).id for audience in told]

    assert ids == list(range(START + 1, START + 1 + len(told)))
