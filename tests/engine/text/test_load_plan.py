from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.base.errors import EngineUnavailableError
from appliance.engine.gguf.header import GgufHeader
from appliance.engine.text.load_plan import EngineWishes, LoadPlan, embedding_plan, load_plan

QWEN_3B = GgufHeader("Qwen2.5 3B", "qwen2", 1_930_000_000, 32_768, 36, 36_864, True)
WISHES = EngineWishes(context_tokens=8_192, parallel=4, threads=5)


def test_with_enough_memory_every_answer_may_have_the_longest_conversation():
    plan = load_plan(QWEN_3B, WISHES, available_bytes=10_000_000_000)

    assert plan == LoadPlan(
        context_tokens=8_192,
        parallel=4,
        slot_count=16,
        room_tokens=32_768,
        memory_bytes=1_930_000_000 + (150 << 20) + 32_768 * 36_864,
    )


def test_with_little_memory_they_share_less():
    plan = load_plan(QWEN_3B, WISHES, available_bytes=2_400_000_000)

    assert (plan.context_tokens, plan.room_tokens) == (8_192, 8_448)


def test_with_hardly_any_memory_conversations_are_shorter():
    plan = load_plan(QWEN_3B, WISHES, available_bytes=2_110_000_000)

    assert (plan.context_tokens, plan.room_tokens) == (512, 512)


def test_without_memory_it_says_how_much_is_missing():
    with pytest.raises(EngineUnavailableError, match=r"needs 2\.1 GB of memory; 1\.0 GB are free"):
        load_plan(QWEN_3B, WISHES, available_bytes=1_000_000_000)


def test_a_model_with_a_running_state_keeps_no_places_for_later():
    mamba = GgufHeader("", "mamba", 1_000, 4_096, 8, 0, True)

    plan = load_plan(mamba, WISHES, available_bytes=10**9)

    assert (plan.parallel, plan.slot_count) == (4, 4)


@given(
    size=st.integers(min_value=1, max_value=10**11),
    trained=st.integers(min_value=1, max_value=10**6),
    per_token=st.integers(min_value=0, max_value=10**6),
    context=st.integers(min_value=1, max_value=10**6),
    parallel=st.integers(min_value=0, max_value=64),
    available=st.integers(min_value=0, max_value=10**12),
)
def test_a_plan_keeps_to_the_memory_and_every_conversation_finds_room(
    size: int, trained: int, per_token: int, context: int, parallel: int, available: int
):
    header = GgufHeader("", "qwen2", size, trained, 1, per_token, True)
    wishes = EngineWishes(context, parallel, 1)
    try:
        plan = load_plan(header, wishes, available_bytes=available)
    except EngineUnavailableError as refusal:
        assert refusal.code == "not_enough_memory"
    else:
        assert 1 <= plan.context_tokens <= min(context, trained, plan.room_tokens)
        assert plan.memory_bytes <= available
        assert plan.room_tokens % 256 == 0
        assert 1 <= plan.parallel <= plan.slot_count <= 64


BERT = GgufHeader("Tiny", "bert", 140_000_000, 512, 12, 36_864, False, only_embeds=True)


def test_an_encoder_has_no_cache_and_reads_a_text_in_one_go():
    plan = embedding_plan(BERT, WISHES, available_bytes=1 << 30)

    assert plan == LoadPlan(
        context_tokens=512,
        parallel=1,
        slot_count=16,
        room_tokens=512,
        memory_bytes=140_000_000 + (512 << 20),
    )


def test_an_encoder_with_a_long_context_reads_no_more_than_its_buffers_can_bear():
    long = replace(BERT, context_tokens=8_192)

    assert embedding_plan(long, WISHES, available_bytes=1 << 30).context_tokens == 2_048


def test_a_model_that_writes_embeds_one_conversation_at_a_time():
    plan = embedding_plan(QWEN_3B, WISHES, available_bytes=10_000_000_000)

    assert plan.room_tokens == 8_192
    assert plan.memory_bytes == 1_930_000_000 + (150 << 20) + 8_192 * 36_864


def test_a_model_that_does_not_fit_is_not_loaded_to_embed():
    with pytest.raises(EngineUnavailableError) as refusal:
        embedding_plan(BERT, WISHES, available_bytes=100_000_000)

    assert refusal.value.code == "not_enough_memory"
    assert "0.7 GB" in refusal.value.message
