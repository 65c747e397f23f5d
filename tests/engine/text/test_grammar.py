"""Grammars: what they allow, what is refused, and that no grammar takes time or memory without end."""

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.base.errors import InvalidValueError
from appliance.engine.text.grammar import grammar_of, joined_ranges, other_ranges
from appliance.engine.text.json_schema import any_object_grammar
from appliance.engine.text.matching import Machine, State, first_bytes_of

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=8,
)


def allows(grammar: str, text: str) -> bool:
    machine = Machine(grammar_of(grammar))
    state = machine.read(machine.start, text)
    return state is not None and state.may_end


@pytest.mark.parametrize(
    ("grammar", "right", "wrong"),
    [
        ('root ::= "sí" | "no"', ["sí", "no"], ["", "s", "sí "]),
        ("root ::= [a-c]+", ["a", "abcabc"], ["", "abd"]),
        ("root ::= [^a-c]{2}", ["xy", "é!"], ["xa", "x", "xyz"]),
        ('root ::= "a"{2,3} "b"?', ["aa", "aaab"], ["a", "aaaa", "aabb"]),
        ('root ::= "a"{2,}', ["aa", "aaaaaa"], ["a"]),
        ('root ::= ("a" | "b" "c")*', ["", "abca"], ["b", "ac"]),
        ('root ::= item ("," item)*\nitem ::= [0-9]+ # digits', ["1", "1,22,3"], ["1,", ","]),
        ('root ::= "(" root ")" | ""', ["", "(())"], ["(", "(()"]),
        ("root ::= .{2}", ["x🙂", "\n\n"], ["x"]),
        (r'root ::= "\x41\u00e9\U0001F642\n\"\\"', ['Aé🙂\n"\\'], ["A"]),
        ("root ::= (\n  [a-z]\n  | [0-9]\n)", ["q", "7"], ["qq"]),
        (r"root ::= [\]\-\[a]+", ["]-[a"], ["b"]),
    ],
)
def test_a_grammar_allows_its_texts_and_no_others(grammar: str, right: list[str], wrong: list[str]):
    assert [text for text in right if not allows(grammar, text)] == []
    assert [text for text in wrong if allows(grammar, text)] == []


@pytest.mark.parametrize(
    "grammar",
    [
        "",
        "root",
        "root ::= ",
        'x ::= "a"',
        "root ::= missing",
        'root ::= "never ends',
        "root ::= [a-",
        "root ::= (",
        "root ::= )",
        'root ::= "a" }',
        'root ::= "a"{3,2}',
        'root ::= "a"{x}',
        'root ::= "a"{99999999999}',
        'root ::= "a"{200000}',
        r'root ::= "\q"',
        r'root ::= "\xZZ"',
        r'root ::= "\UFFFFFFFF"',
        'root ::= root "a" | "b"',
        'root ::= a "x"\na ::= b\nb ::= root | "y"',
        'root ::= ("")* root "x" | "y"',
        'root ::= "a" root',
        "root ::= a\na ::= b\nb ::= a",
        'root ::= [] "x"',
        "root ::= <[42]>",
        "root ::= " + "(" * 500 + '"a"' + ")" * 500,
        'root ::= "' + "a" * 300_000 + '"',
        "root ::= " + '"a" ' * 60_000,
    ],
)
def test_what_cannot_be_used_is_refused(grammar: str):
    try:
        machine = Machine(grammar_of(grammar))
    except InvalidValueError as error:
        assert error.code == "bad_grammar"
    else:
        # An empty text is all that an empty rule allows.
        assert (grammar.strip(), machine.start.must_end) == ("root ::=", True)


@pytest.mark.parametrize(
    "grammar",
    [
        'root ::= "a" root "b" | "a" root "c" | ""',
        'root ::= s s s s s s s s\ns ::= "a" s | "a" s "b" | ""',
        'root ::= (("a"? "a"?){0,9000}){0,9000}',
        "root ::= "
        + " | ".join(f'x{n} "y"' for n in range(800))
        + "".join(f'\nx{n} ::= "a" x{n} "c" | "a"' for n in range(800)),
    ],
)
def test_a_text_that_can_be_read_in_too_many_ways_is_refused_in_bounded_time(grammar: str):
    def read() -> None:
        machine = Machine(grammar_of(grammar))
        state: State | None = machine.start
        for _ in range(60):
            assert state is not None
            state = machine.next(state, "a")
            assert machine.work < 2_000_000

    with pytest.raises(InvalidValueError) as caught:
        read()

    assert caught.value.code == "bad_grammar"


def test_a_way_that_never_ends_is_closed():
    assert allows('root ::= "a" | "b" trap\ntrap ::= "c" trap', "a")
    machine = Machine(grammar_of('root ::= "a" | "b" trap\ntrap ::= "c" trap'))
    assert machine.next(machine.start, "b") is None


def test_what_can_only_come_in_one_way_is_known():
    machine = Machine(grammar_of('root ::= "{\\"name\\": " ("1" | "2") "}"'))

    assert machine.forced(machine.start) == '{"name": '
    state = machine.read(machine.start, '{"name": 1')
    assert state is not None
    assert machine.forced(state) == "}"


def test_ten_thousand_repetitions_are_counted_one_by_one():
    machine = Machine(grammar_of('root ::= "a"{0,10000} "b"'))
    state = machine.read(machine.start, "a" * 10_000)

    assert state is not None
    assert machine.next(state, "a") is None
    after = machine.next(state, "b")
    assert after is not None
    assert after.must_end


@given(value=st.dictionaries(st.text(max_size=6), json_values))
def test_any_json_object_is_allowed_by_the_grammar_of_json(value: dict[str, object]):
    text = json.dumps(value)
    if "\\ud" in text:
        # Halves of characters are not: nobody could read them.
        return
    assert allows(any_object_grammar(), text)


@given(text=st.text(alphabet='{}[]":,0123456789.eE-+ \\ntrufalsn\t', max_size=30))
def test_what_the_grammar_of_json_allows_is_json(text: str):
    if allows(any_object_grammar(), text):
        assert isinstance(json.loads(text), dict)


@given(pairs=st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), max_size=8))
def test_other_characters_are_those_that_are_not_named(pairs: list[tuple[int, int]]):
    named = joined_ranges(pairs)
    others = other_ranges(named)

    def holds(ranges: tuple[tuple[int, int], ...]) -> Callable[[int], bool]:
        return lambda code: any(first <= code <= last for first, last in ranges)

    is_named, is_other = holds(named), holds(others)
    assert all(is_named(code) != is_other(code) for code in range(505))
    assert all(is_named(code) == any(a <= code <= b for a, b in pairs) for code in range(505))


@given(first=st.integers(0, 0x10FFFF), length=st.integers(0, 3000))
def test_each_allowed_character_begins_with_an_allowed_byte(first: int, length: int):
    last = min(first + length, 0x10FFFF)
    table = first_bytes_of(((first, last),))

    for code in {first, (first + last) // 2, last}:
        if not 0xD800 <= code < 0xE000:
            assert table[chr(code).encode()[0]]


@given(text=st.text(max_size=60))
def test_no_text_makes_the_reader_of_grammars_fail_otherwise(text: str):
    try:
        Machine(grammar_of(f"root ::= {text}"))
    except InvalidValueError as error:
        assert error.code == "bad_grammar"
