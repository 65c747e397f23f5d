"""Beginnings of prompts on disk: found again, kept within their room, never loaded when broken."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.engine.text.prefix_files import (
    BLOCK_TOKENS,
    BadPrefixFileError,
    PrefixHead,
    chain_of,
    read_head,
    read_payload,
    write_prefix,
)
from appliance.engine.text.prefix_shelf import PrefixShelf, forget_prefixes
from appliance.engine.text.tuning import PrefixPlace

LONG = list(range(100, 100 + 4 * BLOCK_TOKENS))
STATE = b"what llama.cpp says" * 100


class Hand:
    """A shelf on a folder, and the time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now_s = 1_800_000_000.0
        # What happens when the shelf asks for the time, once each.
        self.meanwhile: list[Callable[[], object]] = []

    def shelf(
        self, *, mark: str = "model:1", most_bytes: int = 1 << 20, settings: str = "f16"
    ) -> PrefixShelf:
        place = PrefixPlace(self.folder, most_bytes, mark)
        return PrefixShelf(place, settings=settings, now_s=self.tell_time)

    def tell_time(self) -> float:
        if self.meanwhile:
            self.meanwhile.pop(0)()
        return self.now_s

    def files(self) -> list[Path]:
        return sorted(self.folder.iterdir())


@pytest.fixture
def hand(tmp_path: Path) -> Hand:
    return Hand(tmp_path / "prefixes")


def kept(shelf: PrefixShelf, tokens: list[int], *, owner: str = "ana") -> bool:
    is_new = shelf.keep(tokens, lambda: STATE, owner=owner)
    shelf.flush()
    return is_new


def found(shelf: PrefixShelf, tokens: list[int], *, owner: str = "ana", shared: int = 0) -> int:
    one = shelf.find(tokens, owner=owner, shared_tokens=shared)
    return one.tokens if one else 0


def test_what_was_kept_is_found_after_a_restart_and_is_for_nobody_else_to_read(hand: Hand):
    kept(hand.shelf(), LONG)

    shelf = hand.shelf()
    one = shelf.find([*LONG, 7], owner="ana", shared_tokens=0)

    assert one is not None
    assert (one.tokens, shelf.load(one)) == (len(LONG), STATE)
    [file] = hand.files()
    assert file.stat().st_mode & 0o777 == 0o600
    assert hand.folder.stat().st_mode & 0o777 == 0o700
    assert b"ana" not in file.read_bytes()


def test_a_beginning_is_used_as_far_as_it_is_the_same(hand: Hand):
    shelf = hand.shelf()
    kept(shelf, LONG)

    parted = [*LONG[: 2 * BLOCK_TOKENS + 3], 1, 2, 3, *LONG]

    assert found(shelf, parted) == 2 * BLOCK_TOKENS
    assert found(shelf, [9, *LONG]) == 0
    # The last token is always read: what comes after it must be computed.
    assert found(shelf, LONG) == 3 * BLOCK_TOKENS


def test_what_one_person_asked_is_not_found_by_another_but_the_box_s_own_words_are(hand: Hand):
    shelf = hand.shelf()
    kept(shelf, LONG)
    box_words = LONG[: 2 * BLOCK_TOKENS]
    kept(shelf, box_words, owner="")

    assert found(shelf, [*LONG, 7], owner="ana") == len(LONG)
    assert found(shelf, [*LONG, 7], owner="luis", shared=BLOCK_TOKENS) == BLOCK_TOKENS
    assert found(shelf, [*LONG, 7], owner="luis") == 0


@pytest.mark.parametrize("change", [{"mark": "model:2"}, {"settings": "q8"}])
def test_a_file_of_another_model_or_library_is_never_used(hand: Hand, change: dict[str, str]):
    kept(hand.shelf(), LONG)

    assert found(hand.shelf(**change), [*LONG, 7]) == 0  # type: ignore[arg-type]
    assert found(hand.shelf(), [*LONG, 7]) == len(LONG)


def _cut(raw: bytes) -> bytes:
    return raw[:-1]


def _longer(raw: bytes) -> bytes:
    return raw + b"x"


def _changed_at(place: int) -> Callable[[bytes], bytes]:
    return lambda raw: raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]


BREAKS = {
    "cut": _cut,
    "longer": _longer,
    "empty": lambda _raw: b"",
    "other": lambda _raw: b"GGUF" + bytes(100),
    "magic": _changed_at(0),
    "head hash": _changed_at(10),
    "head length": _changed_at(42),
    "head": _changed_at(80),
    "content": _changed_at(-5),
}  # fmt: skip


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_file_is_thrown_away_and_not_loaded(hand: Hand, name: str):
    kept(hand.shelf(), LONG)
    [file] = hand.files()
    file.write_bytes(BREAKS[name](file.read_bytes()))

    shelf = hand.shelf()
    one = shelf.find([*LONG, 7], owner="ana", shared_tokens=0)

    assert one is None or shelf.load(one) is None
    assert hand.files() == []


def test_a_file_that_changes_after_the_look_is_not_loaded(hand: Hand):
    shelf = hand.shelf()
    kept(shelf, LONG)
    one = shelf.find([*LONG, 7], owner="ana", shared_tokens=0)
    assert one is not None
    one.file.write_bytes(_changed_at(-1)(one.file.read_bytes()))

    assert shelf.load(one) is None
    assert found(shelf, [*LONG, 7]) == 0


def test_what_was_unused_the_longest_makes_room(hand: Hand):
    size = len(STATE)
    shelf = hand.shelf(most_bytes=int(size * 3.9))
    conversations = [[n, *LONG] for n in range(4)]
    for tokens in conversations[:2]:
        kept(shelf, tokens)
        hand.now_s += 10
    # The older one is used again, so the newer one goes.
    one = shelf.find([*conversations[0], 7], owner="ana", shared_tokens=0)
    assert one is not None
    shelf.load(one)
    hand.now_s += 10
    for tokens in conversations[2:]:
        kept(shelf, tokens)
        hand.now_s += 10

    assert sum(file.stat().st_size for file in hand.files()) <= size * 3.9
    assert [found(shelf, [*tokens, 7]) > 0 for tokens in conversations][:2] == [True, False]


def test_one_that_is_too_large_for_the_room_is_not_kept(hand: Hand):
    assert not kept(hand.shelf(most_bytes=len(STATE)), LONG)
    assert hand.files() == []


def test_the_same_again_is_not_written_twice_and_a_longer_one_replaces_it(hand: Hand):
    shelf = hand.shelf()

    assert kept(shelf, LONG)
    assert not kept(shelf, LONG[: 2 * BLOCK_TOKENS])
    assert kept(shelf, LONG * 2)
    assert len(hand.files()) == 1


def test_what_nobody_used_for_two_weeks_is_forgotten(hand: Hand):
    kept(hand.shelf(), LONG)
    [file] = hand.files()
    assert file.stat().st_mtime == hand.now_s
    hand.now_s += 13 * 86_400
    hand.shelf()
    assert hand.files()

    hand.now_s += 2 * 86_400
    hand.shelf()

    assert hand.files() == []


def test_a_removed_person_s_files_go_with_them_whether_the_engine_runs_or_not(hand: Hand):
    shelf = hand.shelf()
    kept(shelf, LONG)
    kept(shelf, [5, *LONG], owner="luis")
    kept(shelf, [6, *LONG], owner="eva")

    shelf.forget("ana")
    forget_prefixes(hand.folder, "luis")

    assert found(shelf, [*LONG, 7]) == 0
    assert len(hand.files()) == 1


def test_what_is_being_written_of_a_removed_person_goes_though_they_ask_again_at_once(hand: Hand):
    shelf = hand.shelf()

    def removed() -> None:
        shelf.forget("ana")
        shelf.keep([5, *LONG], lambda: STATE, owner="ana")

    hand.meanwhile = [removed]
    kept(shelf, LONG)

    assert found(shelf, [*LONG, 7]) == 0
    assert found(shelf, [5, *LONG, 7]) == len(LONG)
    assert len(hand.files()) == 1


def test_a_full_disk_costs_the_file_and_nothing_else(hand: Hand, caplog: pytest.LogCaptureFixture):
    shelf = hand.shelf()
    hand.folder.rmdir()
    hand.folder.write_text("no folder any more")

    kept(shelf, LONG)

    assert found(shelf, [*LONG, 7]) == 0
    assert "prefix not kept" in caplog.messages


def test_half_written_files_are_cleared_away(hand: Hand):
    hand.folder.mkdir(parents=True)
    (hand.folder / "ana-1.part").write_bytes(b"half")

    hand.shelf()

    assert hand.files() == []


@given(
    tokens=st.lists(st.integers(0, 2**31 - 1), max_size=100),
    other=st.lists(st.integers(0, 2**31 - 1), max_size=100),
)
def test_chains_are_equal_just_as_far_as_whole_blocks_are(tokens: list[int], other: list[int]):
    mixed = tokens[: len(other)] + other
    blocks = 0
    while tokens[: (blocks + 1) * BLOCK_TOKENS] == mixed[: (blocks + 1) * BLOCK_TOKENS] and (
        blocks + 1
    ) * BLOCK_TOKENS <= min(len(tokens), len(mixed)):
        blocks += 1

    one, two = chain_of(tokens), chain_of(mixed)

    assert one[:blocks] == two[:blocks]
    assert one[blocks : blocks + 1] != two[blocks : blocks + 1] or not one[blocks:]


def test_a_head_says_exactly_what_was_written(tmp_path: Path):
    head = PrefixHead("m", "f16", "o", 40, chain_of(LONG), 3, "0" * 64)
    file = write_prefix(tmp_path, head, b"abc")

    assert read_head(file) == head
    with pytest.raises(BadPrefixFileError, match="content was changed"):
        read_payload(file, head)
