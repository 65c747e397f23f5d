import resource
import time
import tracemalloc
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.base.errors import InvalidValueError
from appliance.engine.gguf.header import GgufHeader, read_gguf_header
from tests.engine.text.tiny_gguf import (
    ARRAY,
    BOOL,
    DATA_BYTES,
    F32,
    FACTS,
    TEXT,
    U32,
    U64,
    TinyGguf,
    listed,
    tensor,
    text,
    u32,
    u64,
    whole,
    with_facts,
    without_fact,
    words,
)

RIGHT = TinyGguf()
NO_GGUF = "is not a GGUF file"
CUT = "is cut short"
SHAPE = "of an impossible shape"


def _right(**changes: object) -> bytes:
    return replace(RIGHT, **changes).content()  # type: ignore[arg-type]


def _tensors(*tensors: bytes) -> bytes:
    return _right(tensors=tensors)


def _cut(share: float) -> bytes:
    content = RIGHT.content()
    return content[: int(len(content) * share)]


# Name → the file's bytes, and a part of the sentence that refuses it.
HOSTILE: dict[str, tuple[bytes, str]] = {
    "empty": (b"", CUT),
    "one byte": (b"G", CUT),
    "magic only": (b"GGUF", CUT),
    "text file": (b"Dear model, please load. " * 40, NO_GGUF),
    "html page": (b"<!doctype html><title>404</title>" * 20, NO_GGUF),
    "zip archive": (b"PK\x03\x04" + b"\0" * 500, NO_GGUF),
    "old GGML magic": (_right(magic=b"lmgg"), NO_GGUF),
    "reversed magic": (_right(magic=b"FUGG"), NO_GGUF),
    "pickle": (b"\x80\x04\x95" + b"\0" * 300, NO_GGUF),
    "all zeros": (b"\0" * 4096, NO_GGUF),
    "all ones": (b"\xff" * 4096, NO_GGUF),
    "version 0": (_right(version=0), "version 0"),
    "version 1": (_right(version=1), "version 1"),
    "version 4": (_right(version=4), "version 4"),
    "big-endian version": (_right(version=0x03000000), "version 50331648"),
    "no tensors": (_right(tensor_count=0), "claims 0 tensors"),
    "no keys": (_right(key_count=0), "and 0 keys"),
    "most tensors": (_right(tensor_count=2**64 - 1), "claims 18446744073709551615 tensors"),
    "many tensors": (_right(tensor_count=20_001), "claims 20001 tensors"),
    "most keys": (_right(key_count=2**64 - 1), "and 18446744073709551615 keys"),
    "many keys": (_right(key_count=5_001), "and 5001 keys"),
    "one key too few": (_right(key_count=len(FACTS) - 1), "The model file"),
    "one key too many": (_right(key_count=len(FACTS) + 1), "The model file"),
    "one tensor too many": (_right(tensor_count=2), "The model file"),
    "cut in the magic": (_cut(0.004), CUT),
    "cut in the counts": (RIGHT.content()[:15], CUT),
    "cut in the first key": (RIGHT.content()[:30], CUT),
    "cut at a tenth": (_cut(0.1), CUT),
    "cut at a quarter": (_cut(0.25), CUT),
    "cut at a half": (_cut(0.5), CUT),
    "cut at three quarters": (_cut(0.75), CUT),
    "last byte missing": (RIGHT.content()[:-1], "1 bytes are missing at its end"),
    "no data": (_right(data=b""), f"{DATA_BYTES} bytes are missing"),
    "key without end": (_right(facts=((b"k" * 257, whole(1)),)), "a text of 257 bytes"),
    "key of all lengths": (
        b"GGUF" + u32(3) + u64(1) + u64(1) + u64(2**63) + b"x" * 64,
        "a text of 9,223,372,036,854,775,808 bytes",
    ),
    "key that is no text": (_right(facts=((b"\xff\xfe", whole(1)),)), "is not text"),
    "key twice": (
        _right(facts=(*FACTS.items(), ("general.name", words("again")))),
        "says 'general.name' twice",
    ),
    "huge text": (with_facts(general__name=u32(TEXT) + u64(2**40)).content(), "a text of 1,099"),
    "text to the end of numbers": (
        with_facts(general__name=u32(TEXT) + u64(2**64 - 1)).content(),
        "a text of 18,446",
    ),
    "unknown value type": (with_facts(a=u32(13) + u64(1)).content(), "the unknown type 13"),
    "largest value type": (with_facts(a=u32(2**32 - 1)).content(), "the unknown type 4294967295"),
    "list of unknown type": (with_facts(a=listed(77, 1, b"")).content(), "of an unknown type"),
    "list in a list": (
        with_facts(a=listed(ARRAY, 1, u32(U32) + u64(1) + u32(1))).content(),
        "a list inside a list",
    ),
    "list in lists, deep": (
        with_facts(a=u32(ARRAY) + (u32(ARRAY) + u64(1)) * 4_000).content(),
        "a list inside a list",
    ),
    "huge list": (with_facts(a=listed(U32, 2**63, b"")).content(), "more than 2,000,000 items"),
    "huge list of texts": (with_facts(a=listed(TEXT, 2**32, b"")).content(), "2,000,000 items"),
    "many large lists": (
        TinyGguf(
            facts=tuple((f"k{n}", listed(BOOL, 1_500_000, b"\0" * 1_500_000)) for n in range(2))
        ).content(),
        "more than 2,000,000 items",
    ),
    "list longer than the file": (with_facts(a=listed(U64, 1_900_000, b"")).content(), CUT),
    "texts longer than the file": (with_facts(a=listed(TEXT, 1_900_000, b"")).content(), "model"),
    "text in a list to the end of numbers": (
        with_facts(a=listed(TEXT, 1, u64(2**64 - 8))).content(),
        "a text of 18,446",
    ),
    "alignment 0": (with_facts(general__alignment=whole(0)).content(), "an alignment of 0"),
    "alignment 3": (with_facts(general__alignment=whole(3)).content(), "an alignment of 3"),
    "alignment of a gigabyte": (
        with_facts(general__alignment=whole(2**30)).content(),
        "an alignment of 1073741824",
    ),
    "alignment in words": (
        with_facts(general__alignment=words("wide")).content(),
        "an alignment of ?",
    ),
    "tensor without dimensions": (_tensors(tensor(sizes=())), "with 0 dimensions"),
    "tensor of five dimensions": (_tensors(tensor(sizes=(2, 2, 2, 2, 2))), "with 5 dimensions"),
    "tensor of 2**32 dimensions": (
        _tensors(tensor(dimensions=2**32 - 1)),
        "with 4294967295 dimensions",
    ),
    "tensor of nothing": (_tensors(tensor(sizes=(32, 0))), SHAPE),
    "dimensions that overflow 64 bits": (_tensors(tensor(sizes=(2**32, 2**32))), SHAPE),
    "dimensions that overflow to something small": (
        _tensors(tensor(sizes=(2**63, 2, 2, 16))),
        SHAPE,
    ),
    "dimensions below zero": (_tensors(tensor(sizes=(2**64 - 32, 1))), SHAPE),
    "half a block": (_tensors(tensor(sizes=(33, 2), kind=8)), SHAPE),
    "rows that are no blocks": (_tensors(tensor(sizes=(16, 4), kind=2)), SHAPE),
    "unknown tensor type": (_tensors(tensor(kind=99)), "of the unknown type 99"),
    "removed tensor type": (_tensors(tensor(kind=4)), "of the unknown type 4"),
    "offset off the grid": (_tensors(tensor(offset=1)), SHAPE),
    "offset behind the end": (_tensors(tensor(offset=2**20)), "bytes are missing at its end"),
    "offset to the end of numbers": (
        _tensors(tensor(offset=2**64 - 32)),
        "bytes are missing at its end",
    ),
    "tensor name without end": (_tensors(tensor(name=b"n" * 300)), "a text of 300 bytes"),
    "tensor larger than the file": (
        _tensors(tensor(sizes=(2**20, 2**10))),
        "bytes are missing at its end",
    ),
    "no architecture": (without_fact("general.architecture").content(), "that it does not tell"),
    "unknown architecture": (
        with_facts(general__architecture=words("clip")).content(),
        "of the kind 'clip'",
    ),
    "architecture in numbers": (
        with_facts(general__architecture=whole(7)).content(),
        "that it does not tell",
    ),
    "architecture as a list": (
        with_facts(general__architecture=listed(U32, 2, u32(1) + u32(2))).content(),
        "that it does not tell",
    ),
    "endless architecture": (
        with_facts(general__architecture=words("q" * 900_000)).content(),
        "that it does not tell",
    ),
    "architecture with line breaks": (
        with_facts(general__architecture=words("a\nb" * 100)).content(),
        r"'a\\nba",
    ),
    "adapter": (with_facts(general__type=words("adapter")).content(), "an addition to a model"),
    "one of several parts": (with_facts(split__count=whole(3)).content(), "one of several parts"),
    "no layers": (with_facts(qwen2__block_count=whole(0)).content(), "how many layers"),
    "layers in words": (with_facts(qwen2__block_count=words("two")).content(), "how many layers"),
    "endless layers": (
        with_facts(qwen2__block_count=u32(U64) + u64(2**64 - 1)).content(),
        "claims 18446744073709551615 layers",
    ),
    "endless context": (
        with_facts(qwen2__context_length=u32(U64) + u64(2**63)).content(),
        "for 9223372036854775808 tokens",
    ),
    "no context": (without_fact("qwen2.context_length").content(), "how many layers or tokens"),
    "negative heads": (
        with_facts(qwen2__attention__head_count=u32(5) + b"\xff\xff\xff\xff").content(),
        "attention heads that no model has",
    ),
    "endless heads": (
        with_facts(qwen2__attention__head_count_kv=u32(U64) + u64(2**60)).content(),
        "attention heads that no model has",
    ),
}


def test_a_right_file_is_read(tmp_path: Path):
    file = tmp_path / "tiny.gguf"
    file.write_bytes(RIGHT.content())

    assert read_gguf_header(file) == GgufHeader(
        name="Tiny",
        architecture="qwen2",
        size_bytes=len(RIGHT.content()),
        context_tokens=2048,
        block_count=2,
        # 2 bytes × 2 layers × 2 heads × (16 + 16)
        key_value_bytes_per_token=256,
        has_chat_template=True,
    )


def test_the_demo_model_is_read(demo_file: Path):
    header = read_gguf_header(demo_file)

    assert (header.name, header.architecture) == ("Nodo demo", "qwen2")
    assert header.has_chat_template
    assert header.size_bytes == demo_file.stat().st_size


def test_the_corpus_is_large_enough():
    assert len(HOSTILE) >= 60


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_in_one_sentence_and_at_once(name: str, tmp_path: Path):
    content, why = HOSTILE[name]
    file = tmp_path / "hostile.gguf"
    file.write_bytes(content)
    started_s = time.process_time()

    with pytest.raises(InvalidValueError, match=why) as refusal:
        read_gguf_header(file)

    message = refusal.value.message
    assert refusal.value.code == "bad_model_file"
    assert message.startswith("The model file ")
    assert message.endswith(".")
    assert "\n" not in message
    assert len(message) < 200
    assert time.process_time() - started_s < 1


def test_hostile_files_take_no_memory(tmp_path: Path):
    file = tmp_path / "hostile.gguf"
    tracemalloc.start()
    for content, _ in HOSTILE.values():
        file.write_bytes(content)
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        with pytest.raises(InvalidValueError):
            read_gguf_header(file)
        _, peak = tracemalloc.get_traced_memory()
        assert peak - before < 2_500_000
    tracemalloc.stop()


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_flipped_bytes_end_in_a_refusal_or_a_header(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
):
    content = bytearray(RIGHT.content())
    places = st.integers(min_value=0, max_value=len(RIGHT.header()) - 1)
    for place in data.draw(st.lists(places, min_size=1, max_size=6)):
        content[place] = data.draw(st.integers(min_value=0, max_value=255))
    file = tmp_path_factory.getbasetemp() / "flipped.gguf"
    file.write_bytes(content)

    try:
        header = read_gguf_header(file)
    except InvalidValueError as refusal:
        assert refusal.code == "bad_model_file"
    else:
        assert header.key_value_bytes_per_token >= 0


@settings(max_examples=200, deadline=None)
@given(content=st.binary(max_size=600))
def test_noise_behind_the_magic_is_refused(
    content: bytes, tmp_path_factory: pytest.TempPathFactory
):
    file = tmp_path_factory.getbasetemp() / "noise.gguf"
    file.write_bytes(b"GGUF\x03\0\0\0" + content)

    with pytest.raises(InvalidValueError, match="The model file"):
        read_gguf_header(file)


def test_every_truncation_is_refused(tmp_path: Path):
    content = RIGHT.content()
    file = tmp_path / "short.gguf"
    for length in range(len(content)):
        file.write_bytes(content[:length])
        with pytest.raises(InvalidValueError, match=r"cut short|missing"):
            read_gguf_header(file)


def test_a_missing_file_is_refused(tmp_path: Path):
    with pytest.raises(InvalidValueError, match="cannot be read"):
        read_gguf_header(tmp_path / "nothing.gguf")


def test_a_folder_is_refused(tmp_path: Path):
    with pytest.raises(InvalidValueError, match="cannot be read"):
        read_gguf_header(tmp_path)


def test_a_large_vocabulary_takes_about_a_second(tmp_path: Path):
    # As many words and merges as the largest vocabularies have (Gemma).
    many = 262_000
    word = text("▁palabra")
    large = with_facts(
        tokenizer__ggml__tokens=listed(TEXT, many, word * many),
        tokenizer__ggml__merges=listed(TEXT, 2 * many, word * 2 * many),
        tokenizer__ggml__scores=listed(F32, many, b"\0" * 4 * many),
    )
    file = tmp_path / "large.gguf"
    file.write_bytes(large.content())
    before = resource.getrusage(resource.RUSAGE_SELF).ru_utime

    header = read_gguf_header(file)

    assert header.block_count == 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_utime - before < 5
