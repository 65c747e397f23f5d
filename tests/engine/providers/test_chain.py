from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.engine.providers.chain import (
    Next,
    Step,
    candidates,
    least_loaded,
    shortened,
    step_after,
)
from appliance.engine.providers.model import (
    LOCAL,
    Fault,
    Place,
    Provider,
    ProviderFaultError,
    ProviderKind,
    Roster,
    is_at_home,
)
from appliance.engine.text.model import (
    GrammarOutput,
    JsonOutput,
    Sampling,
    TextRequest,
    ToolUse,
    Turn,
)

ASKED = TextRequest("r1", (Turn("system", "Be kind."), Turn("user", "Hello")), "ana")


def made(provider_id: str, kind: ProviderKind, address: str, model: str = "m") -> Provider:
    return Provider(provider_id, provider_id.title(), kind, (address,), model)


OPENAI = made("openai", ProviderKind.OPENAI, "https://api.openai.com/v1")
SHED = made("shed", ProviderKind.OLLAMA, "http://192.168.1.20:11434")
CLAUDE = made("claude", ProviderKind.ANTHROPIC, "https://api.anthropic.com/v1")
ROSTER = Roster((OPENAI, SHED, CLAUDE), (LOCAL, "shed", "openai", "claude"), cloud_allowed=True)


def test_they_are_asked_in_the_owners_order():
    ordered = replace(ROSTER, order=("openai", LOCAL, "claude", "shed"))

    assert candidates(ROSTER, ASKED) == [LOCAL, "shed", "openai", "claude"]
    assert candidates(ordered, ASKED) == ["openai", LOCAL, "claude", "shed"]


def test_nothing_leaves_the_house_unless_the_owner_allows_it():
    assert candidates(replace(ROSTER, cloud_allowed=False), ASKED) == [LOCAL, "shed"]


def test_a_conversation_that_stays_never_leaves_whatever_the_owner_allows():
    assert candidates(ROSTER, replace(ASKED, stays_local=True)) == [LOCAL, "shed"]


def test_who_is_switched_off_is_not_asked():
    off = replace(ROSTER, providers=(replace(OPENAI, is_enabled=False), SHED))

    assert candidates(off, ASKED) == [LOCAL, "shed"]


@pytest.mark.parametrize(
    "special",
    [
        {"model": "qwen2.5-3b"},
        {"raw_prompt": "<s>"},
        {"prompt_before": (1, 2)},
        {"continues": True},
        {"wants_context": True},
        {"context_tokens": 512},
        {"top_logprobs": 3},
        {"output": GrammarOutput('root ::= "a"')},
        {"sampling": Sampling(logit_bias=((1, 2.0),))},
    ],
)
def test_what_only_this_box_can_do_is_asked_of_it_alone(special):
    assert candidates(ROSTER, replace(ASKED, **special)) == [LOCAL]


def test_whoever_would_ignore_what_is_asked_is_passed_over():
    assert "claude" not in candidates(ROSTER, replace(ASKED, output=JsonOutput()))
    assert "shed" not in candidates(ROSTER, replace(ASKED, tool_use=ToolUse.REQUIRED))


@pytest.mark.parametrize(
    ("failure", "tries", "step"),
    [
        (ProviderFaultError(Fault.CONFIG, ""), 1, Step(Next.SOMEBODY_ELSE, True, 900)),
        (ProviderFaultError(Fault.OVERLOAD, ""), 1, Step(Next.SOMEBODY_ELSE, True, 30)),
        (
            ProviderFaultError(Fault.OVERLOAD, "", retry_after_s=7),
            1,
            Step(Next.SOMEBODY_ELSE, True, 7),
        ),
        (ProviderFaultError(Fault.TRANSIENT, ""), 1, Step(Next.SAME_AGAIN, True)),
        (ProviderFaultError(Fault.TRANSIENT, ""), 2, Step(Next.SOMEBODY_ELSE, True)),
        (ProviderFaultError(Fault.REQUEST, ""), 1, Step(Next.NOBODY, False)),
        (ProviderFaultError(Fault.REFUSAL, ""), 1, Step(Next.NOBODY, False)),
        (ProviderFaultError(Fault.TOO_LONG, ""), 1, Step(Next.SAME_SHORTER, False)),
    ],
)
def test_each_failure_has_its_next_step(failure, tries, step):
    assert step_after(failure, tries=tries, was_shortened=False) == step


def test_a_question_is_shortened_once():
    failure = ProviderFaultError(Fault.TOO_LONG, "")

    assert step_after(failure, tries=2, was_shortened=True).then is Next.NOBODY


spoken = [Turn("user", "…"), Turn("assistant", "…"), Turn("tool", "…")]
turns = st.lists(st.sampled_from(spoken), max_size=12)


@given(before=turns)
def test_what_is_shortened_keeps_the_instruction_and_the_question(before):
    instruction, question = Turn("system", "Be kind."), Turn("user", "Well?")
    shorter = shortened(replace(ASKED, turns=(instruction, *before, question)))

    if before:
        assert shorter is not None
        assert (shorter.turns[0], shorter.turns[-1]) == (instruction, question)
        assert shorter.turns[1].role == "user"
        assert len(shorter.turns) < len(before) + 2
    else:
        assert shorter is None


def test_the_box_with_the_least_work_is_asked_and_of_equals_the_first():
    loads = [("a", 2), ("b", 1), ("c", 1)]

    assert least_loaded(loads, is_resting=lambda _: False) == "b"
    assert least_loaded(loads, is_resting=lambda box: box == "b") == "c"
    assert least_loaded(loads, is_resting=lambda _: True) is None


@pytest.mark.parametrize(
    ("address", "at_home"),
    [
        ("http://127.0.0.1:11434", True),
        ("http://[::1]:11434", True),
        ("http://192.168.1.5", True),
        ("http://10.1.2.3:8000", True),
        ("http://nas:8000", True),
        ("http://box.local", True),
        ("https://localhost", True),
        ("https://api.openai.com/v1", False),
        ("http://8.8.8.8", False),
        ("https://evil.localhost.example", False),
        ("https://127.0.0.1.nip.io", False),
        ("https://134744072", False),
        ("https://0x08080808", False),
        ("http://3dprinter", True),
        ("http://", False),
    ],
)
def test_an_address_is_at_home_or_not(address, at_home):
    assert is_at_home(address) is at_home


def test_whose_computers_answer_decides_the_place():
    assert OPENAI.place is Place.CLOUD
    assert SHED.place is Place.LOCAL
    assert replace(OPENAI, addresses=("http://127.0.0.1:1",)).place is Place.CLOUD
    assert replace(SHED, model="gpt-oss:120b-cloud").place is Place.CLOUD
    assert replace(SHED, model="GPT-OSS:120b-Cloud").place is Place.CLOUD
    by_openais_words = replace(SHED, kind=ProviderKind.OPENAI_COMPATIBLE)
    assert by_openais_words.place is Place.LOCAL
    assert replace(by_openais_words, model="gpt-oss:120b-cloud").place is Place.CLOUD
    assert replace(SHED, addresses=(*SHED.addresses, "https://gpu.example")).place is Place.CLOUD
