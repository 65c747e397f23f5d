"""What programs ask for comes back from the engine's own process, the whole way there and back."""

import json
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from appliance.base.errors import InvalidValueError
from appliance.engine.text.model import (
    Finished,
    FinishReason,
    GrammarOutput,
    JsonOutput,
    Piece,
    Sampling,
    Tool,
    ToolCalled,
    ToolUse,
    Writing,
)
from tests.engine.text.engines import Heard, answered, asked, at_work, ready, real_parts

pytestmark = pytest.mark.usefixtures("real_engine_here")

ASK = asked("Hola, ¿quién eres?", max_tokens=100)
SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
TOOL = Tool("add", "Adds.", {"type": "object", "properties": {"a": {"enum": [1, 2]}},
                             "required": ["a"]})  # fmt: skip


def end_of(heard: Heard) -> Finished:
    end = heard.events[-1]
    assert isinstance(end, Finished)
    return end


async def test_forms_calls_probabilities_and_stops_come_through(tmp_path: Path):
    async with at_work(real_parts(tmp_path)) as engine:
        await ready(engine)
        person = await answered(engine, replace(ASK, output=JsonOutput(SCHEMA)))
        assert isinstance(json.loads(person.text)["n"], int)

        called = await answered(engine, replace(ASK, tools=(TOOL,), must_call="add"))
        [call] = [event.call for event in called.events if isinstance(event, ToolCalled)]
        assert (call.name, call.arguments["a"] in {1, 2}, called.text) == ("add", True, "")
        assert called.has(Writing)

        likely = await answered(engine, replace(ASK, top_logprobs=2, wants_context=True))
        tokens = [t for e in likely.events if isinstance(e, Piece) for t in e.tokens]
        assert b"".join(token.data for token in tokens).decode() == likely.text
        assert all(len(token.alternatives) == 2 for token in tokens)
        end = end_of(likely)
        assert len(end.context) == end.prompt_tokens + end.completion_tokens

        stop = likely.text[5:9]
        wish = replace(ASK.sampling, stop=(stop,))
        stopped = await answered(engine, replace(ASK, sampling=wish))
        assert stopped.text == likely.text[: likely.text.index(stop)]
        assert (end_of(stopped).reason, end_of(stopped).stop_text) == (FinishReason.STOP, stop)


async def test_hostile_wishes_end_with_a_word_and_the_process_stays(tmp_path: Path):
    async with at_work(real_parts(tmp_path)) as engine:
        await ready(engine)
        processes = psutil.Process().children()
        hostile = [
            replace(ASK, output=GrammarOutput("root ::= root")),
            replace(ASK, output=GrammarOutput('root ::= "a" root "b" | "a" root "c" | [^a]* "."')),
            replace(ASK, output=GrammarOutput("root ::= " + "(" * 10_000)),
            replace(ASK, output=GrammarOutput("root ::= (" * 3000 + '"a"' + "){0,9999}" * 3000)),
            replace(ASK, output=JsonOutput({"$ref": "#"})),
            replace(ASK, output=JsonOutput({"enum": [float("nan")], "type": "strange"})),
            replace(ASK, output=JsonOutput({"type": "string", "pattern": "(a|b|ab)*c{9999}("})),
            replace(ASK, output=JsonOutput({"allOf": [{"allOf": [{"$ref": "#"}] * 20}] * 20})),
            replace(ASK, tool_use=ToolUse.REQUIRED, tools=(replace(TOOL, parameters={"not": 1}),)),
            replace(ASK, sampling=Sampling(temperature=float("nan"))),
            replace(ASK, sampling=Sampling(logit_bias=((2**31 - 1, 1.0),))),
            replace(ASK, prompt_before=(2**31 - 1,)),
        ]
        for wish in hostile:
            heard = await answered(engine, wish)
            assert isinstance(heard.error, InvalidValueError) or heard.is_finished

        assert (await answered(engine, ASK)).is_finished
        assert psutil.Process().children() == processes


async def test_a_wild_grammar_does_not_hold_up_others(tmp_path: Path):
    wild = GrammarOutput('root ::= ([a-zA-Z .,]* [a-z]*){0,90} ([a-z ]* [a-zA-Z]*)* "!"')
    async with at_work(real_parts(tmp_path)) as engine:
        await ready(engine)
        heard = await answered(engine, replace(ASK, output=wild))

        assert heard.is_finished or isinstance(heard.error, InvalidValueError)
        assert (await answered(engine, ASK)).is_finished
