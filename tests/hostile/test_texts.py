import re

from tests.hostile.texts import hostile_texts, one_of_each_family


def test_there_are_more_than_two_hundred_and_no_two_are_equal():
    texts = [hostile.text for hostile in hostile_texts()]

    assert len(texts) >= 200
    assert len(set(texts)) == len(texts)


def test_each_family_gives_one_for_places_where_a_look_takes_long():
    families = {hostile.family for hostile in hostile_texts()}

    assert [hostile.family for hostile in one_of_each_family()] == sorted(
        families, key=[hostile.family for hostile in hostile_texts()].index
    )


def test_nothing_is_left_to_be_filled_in():
    assert not [
        hostile for hostile in hostile_texts() if re.search(r"\{(run|host|address)\}", hostile.text)
    ]
