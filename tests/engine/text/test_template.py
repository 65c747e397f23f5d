import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.base.errors import EngineUnavailableError, InvalidValueError
from appliance.engine.text.model import Turn
from appliance.engine.text.template import ChatTemplate

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
QUESTION = Turn("user", "What?")
SYSTEM = Turn("system", "Be brief.")


def _template(source: str | None, **special: str) -> ChatTemplate:
    return ChatTemplate(source, now=lambda: NOON, special=special)


def _text(template: ChatTemplate, *turns: Turn) -> str:
    """Return the prompt with the contents in their places."""
    return "".join(
        text if place is None else turns[place].content for text, place in template.segments(turns)
    )


def test_without_a_template_conversations_are_written_as_chatml():
    turns = (SYSTEM, QUESTION, Turn("assistant", "That."), Turn("user", "And?"))

    assert _text(_template(None), *turns) == (
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nWhat?<|im_end|>\n"
        "<|im_start|>assistant\nThat.<|im_end|>\n<|im_start|>user\nAnd?<|im_end|>\n"
        "<|im_start|>assistant\n"
    )


def test_a_message_is_a_piece_of_its_own():
    assert _template(None).segments([QUESTION]) == [
        ("<|im_start|>user\n", None),
        ("", 0),
        ("<|im_end|>\n<|im_start|>assistant\n", None),
    ]


@given(content=st.text(max_size=80) | st.sampled_from(["", "<|im_end|>", "\ue0f0", "\ue0f1"]))
def test_whatever_a_person_types_the_templates_own_text_stays_the_same(content: str):
    pieces = _template(None).segments([SYSTEM, Turn("user", content)])

    assert pieces == _template(None).segments([SYSTEM, QUESTION])


@given(content=st.text(alphabet="\ue0f0\ue0f10123", max_size=12))
def test_marks_typed_by_a_person_open_nothing(content: str):
    turns = (SYSTEM, Turn("user", content))

    assert [place for _, place in _template(None).segments(turns) if place is not None] == [0, 1]


def test_templates_see_the_day_and_the_names_of_tokens():
    source = "{{ bos_token }}{{ strftime_now('%d %b %Y') }}|{{ messages[0].content }}"

    assert _text(_template(source, bos_token="<s>"), QUESTION) == "<s>02 Mar 2026|What?"


def test_where_a_template_knows_no_system_turn_the_instruction_leads_the_question():
    source = (
        "{% if messages[0].role == 'system' %}{{ raise_exception('no system here') }}{% endif %}"
        "{% for m in messages %}[{{ m.role }}]{{ m.content }}{% endfor %}"
    )

    assert _text(_template(source), SYSTEM, QUESTION) == "[user]Be brief.\n\nWhat?"


def test_what_a_template_refuses_is_said():
    source = "{% if messages|length > 1 %}{{ raise_exception('one only') }}{% endif %}{{ messages[0].content }}"

    with pytest.raises(InvalidValueError, match="refuses this conversation: one only") as refusal:
        _template(source).segments([QUESTION, Turn("assistant", "a"), QUESTION])

    assert refusal.value.code == "template_refused"


@pytest.mark.parametrize("role", ["robot", "", "user<|im_end|>", "USER", "x" * 10_000])
def test_an_unknown_role_is_refused(role: str):
    with pytest.raises(InvalidValueError, match="is not one of") as refusal:
        _template(None).segments([Turn(role, "hello")])  # type: ignore[arg-type]

    assert len(refusal.value.message) < 120


def test_words_of_other_template_dialects_are_known():
    source = (
        "{%- for m in messages -%}{%- if loop.index0 == 1 -%}{%- break -%}{%- endif -%}"
        "{%- generation -%}{{ m.content }}{%- endgeneration -%}{%- endfor -%}"
    )

    assert _text(_template(source), QUESTION, SYSTEM) == "What?"


ESCAPES = {
    "class of a text": "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "attribute filter": "{{ ''|attr('__class__')|attr('__mro__') }}",
    "format": "{{ '{0.__class__.__mro__}'.format('') }}",
    "format map": "{{ '{a.__class__}'.format_map({'a': ''}) }}",
    "globals of a function": "{{ raise_exception.__globals__ }}",
    "globals of cycler": "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "globals of joiner": "{{ joiner.__init__.__globals__ }}",
    "globals of namespace": "{{ namespace.__init__.__globals__ }}",
    "the clock's owner": "{{ strftime_now.__self__ }}",
    "the clock's closure": "{{ strftime_now.__closure__[0].cell_contents }}",
    "the template itself": "{{ self._TemplateReference__context.environment }}",
    "an import": "{% import 'os' as os %}{{ os.system('id') }}",
    "an inclusion": "{% include '/etc/passwd' %}",
    "inheritance": "{% extends '/etc/passwd' %}",
    "a builtin": "{{ __import__('os').system('id') }}",
    "a generator's frame": "{{ (messages|map('upper')).gi_frame.f_back }}",
    "changing the messages": "{{ messages.append({'role': 'user', 'content': 'x'}) }}",
    "map of an attribute": "{{ messages|map(attribute='__class__')|list }}",
    "code of a macro": "{% macro m() %}{% endmacro %}{{ m._func.__code__ }}",
}
BOMBS = {
    "a long loop": "{% for i in range(10**9) %}{% endfor %}",
    "loops in loops": "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
    "a loop over a text": "{% for i in range(99999) %}{% for j in 'x' * 99999 %}{% endfor %}{% endfor %}",
    "a power of powers": "{{ 9**9**9 }}",
    "a power at run time": "{% set n = messages|length + 8 %}{{ n**n**n }}",
    "a product of products": "{% set ns = namespace(x=9) %}{% for i in range(99999) %}{% set ns.x = ns.x * ns.x %}{% endfor %}",
    "a repeated text": "{{ 'x' * 10**9 }}",
    "a repeated list": "{{ ([0] * 10**9)|length }}",
    "a wide format": "{{ '%0999999999d' % 1 }}",
    "a macro that calls itself": "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "much text": "{% for i in range(99999) %}{{ 'x' * 1000 }}{% endfor %}",
    "lorem ipsum": "{{ lipsum(n=99999) }}",
    "deep parentheses": "{{ " + "(" * 5_000 + "1" + ")" * 5_000 + " }}",
    "deep lists": "{{ " + "[" * 2_000 + "]" * 2_000 + " }}",
    "deep conditions": "{% if 1 %}" * 2_000 + "{% endif %}" * 2_000,
    "a source of a megabyte": "x" * 1_000_000,
    "one message a thousand times": "{% for i in range(1000) %}{{ messages[0].content }}{% endfor %}",
    "a message that is not there": "\ue0f07\ue0f1{{ messages[0].content }}",
    "a mark without a number": "\ue0f0x\ue0f1{{ messages[0].content }}",
    "a mark with a huge number": "\ue0f0" + "9" * 100_000 + "\ue0f1",
    "no message at all": "Hello",
    "a wrong filter": "{{ messages|no_such_filter }}",
    "a wrong tag": "{% no_such_tag %}",
    "an open tag": "{% for m in messages %}",
    "a division by zero": "{{ 1 / 0 }}",
    "words for numbers": "{{ 1 + 'a' }}",
    "a missing message": "{{ messages[99].content.upper() }}",
    "half a character": "{{ raise_exception('\ud800') }}",
    "a long complaint": "{{ raise_exception('x' * 99999) }}",
}


def _refusal(source: str) -> EngineUnavailableError:
    with pytest.raises(EngineUnavailableError, match="chat template cannot be used") as refusal:
        _template(source + "{{ messages[0].content }}" if source in ESCAPES.values() else source)
    return refusal.value


@pytest.mark.parametrize("name", ESCAPES)
def test_a_template_reaches_nothing_of_the_process(name: str):
    try:
        text = _text(_template(ESCAPES[name] + "{{ messages[0].content }}"), QUESTION)
    except EngineUnavailableError as refusal:
        assert refusal.code == "bad_model_file"
    else:
        # What does not exist for a template writes nothing, or the word for it.
        assert text in {"What?", "[Undefined]What?"}


@pytest.mark.parametrize("name", BOMBS)
def test_a_template_cannot_keep_the_process(name: str):
    started_s = time.monotonic()

    refusal = _refusal(BOMBS[name])

    assert time.monotonic() - started_s < 10
    assert refusal.code == "bad_model_file"
    assert len(refusal.message) < 300
    assert refusal.message.encode()


def test_a_template_that_turns_hostile_later_only_spoils_that_answer():
    source = (
        "{% if messages|length > 2 %}{% for i in range(99999) %}{% for j in range(99999) %}"
        "{% endfor %}{% endfor %}{% endif %}{{ messages[0].content }}"
    )
    template = _template(source)

    with pytest.raises(InvalidValueError, match="it takes longer than 2 s"):
        template.segments([QUESTION, Turn("assistant", "a"), QUESTION])

    assert _text(template, QUESTION) == "What?"


def test_half_a_character_in_a_template_becomes_a_question_mark():
    assert _text(_template("a\ud800b{{ messages[0].content }}"), QUESTION) == "a?bWhat?"


@settings(max_examples=100, deadline=None)
@given(source=st.text(alphabet="{}%#m|.()'\" \nifor1x[]-+*~", max_size=60))
def test_noise_is_a_template_or_refused(source: str):
    try:
        template = _template(source)
    except EngineUnavailableError as refusal:
        assert refusal.code == "bad_model_file"
    else:
        assert template.segments([QUESTION])
