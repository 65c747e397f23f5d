"""Words of the text engine: what is asked of it, and what it tells while it works."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

JsonSchema = Mapping[str, object]


@dataclass(frozen=True)
class ToolCall:
    """The model asks for a function to be called.

    Attributes:
        id: Names this call, for its result; `call_` and eight letters or digits.
        name: Of the function.
        arguments: By the names of its parameters, as JSON values.
        replay: What the provider that made it wants back with it; nobody else gets it.
    """

    id: str
    name: str
    arguments: Mapping[str, object]
    replay: str = ""


@dataclass(frozen=True)
class Tool:
    """A function that the model may ask for.

    Attributes:
        name: Of the function.
        description: What it does, in words for the model.
        parameters: JSON Schema of an object with its arguments.
    """

    name: str
    description: str
    parameters: JsonSchema


@dataclass(frozen=True)
class Turn:
    """One message of a conversation.

    Attributes:
        role: Who speaks; `tool` gives the result of a call.
        content: The text; may be empty where there are tool calls.
        tool_calls: What the assistant asked for in this turn.
        tool_name: Which function's result a `tool` turn is, if known.
    """

    role: Literal["system", "user", "assistant", "tool"]
    content: str
    tool_calls: tuple[ToolCall, ...] = ()
    tool_name: str = ""


@dataclass(frozen=True)
class Sampling:
    """How the next token is chosen; None leaves it to what the model's makers recommend.

    Attributes:
        temperature: 0 takes the likeliest token always; allowed 0 to 2.
        top_k: Only the k likeliest tokens take part; 0 means all.
        top_p: Only the likeliest tokens that together have this probability take part.
        min_p: Tokens less likely than this share of the likeliest are left out.
        typical_p: Only tokens of about the expected information take part; 1 is off.
        repeat_penalty: Above 1 discourages tokens of the last `repeat_window_tokens`; 1 is off.
        presence_penalty: Taken off once from tokens of that window; 0 is off.
        frequency_penalty: Taken off as often as a token stands in that window; 0 is off.
        repeat_window_tokens: How far back the penalties look; -1 is the whole context.
        logit_bias: What is added to the logits of tokens, by their numbers.
        seed: Start of the random numbers; None draws one.
        max_tokens: The answer is cut after so many tokens.
        stop: The answer ends before the first of these texts.
    """

    temperature: float | None = None
    top_k: int | None = None
    top_p: float | None = None
    min_p: float = 0.0
    typical_p: float = 1.0
    repeat_penalty: float = 1.0
    presence_penalty: float = 0.0
    frequency_penalty: float = 0.0
    repeat_window_tokens: int = 64
    logit_bias: tuple[tuple[int, float], ...] = ()
    seed: int | None = None
    max_tokens: int = 1024
    stop: tuple[str, ...] = ()


@dataclass(frozen=True)
class JsonOutput:
    """The answer is one JSON value.

    Attributes:
        schema: What it must match; None allows any object.
    """

    schema: JsonSchema | None = None


@dataclass(frozen=True)
class GrammarOutput:
    """The answer matches a grammar in GBNF, llama.cpp's notation; its start is `root`."""

    gbnf: str


class ToolUse(StrEnum):
    """Whether the model calls functions: as it likes, not at all, or in any case."""

    AUTO = "auto"
    NONE = "none"
    REQUIRED = "required"


class WhenTooLong(StrEnum):
    """What happens to a prompt that does not fit the context."""

    DROP_OLDEST_TURNS = "drop_oldest_turns"
    CUT_THE_MIDDLE = "cut_the_middle"
    REFUSE = "refuse"


class Urgency(StrEnum):
    """Who goes first: somebody who waits before the screen, or work that can wait."""

    INTERACTIVE = "interactive"
    BACKGROUND = "background"


@dataclass(frozen=True)
class TextRequest:
    """One answer to be written.

    Attributes:
        request_id: Unique; cancels and log lines name it.
        turns: The conversation, oldest first; the last one is the question.
        fairness_key: Requests with the same key (a user) share one fair share, and may share what
            was read before.
        sampling: How tokens are chosen.
        continues: Whether the last turn is the beginning of the answer itself, which goes on
            from there; the question is the turn before it.
        model: Which model is to answer; None is the one that the owner chose.
        keep_alive_s: How long that model stays in memory after the answer; 0 unloads it, None
            leaves it as it is. Negative means for ever.
        raw_prompt: The whole prompt as the model reads it, special tokens included; `turns` is
            empty then, and no template is used.
        prompt_before: Tokens of an earlier answer that come before the prompt (Ollama's
            `context`).
        shared_turns: How many of the first turns, and the tools with them, are the box's own words,
            the same for everybody: only what they come to is shared between people.
        tools: Functions that the model may ask for.
        tool_use: Whether it may, or must.
        must_call: The one function that it must call; empty leaves the choice to the model.
        thinks: Whether a model that can think aloud does so first.
        output: What form the answer must have; None leaves it free.
        context_tokens: The most that prompt and answer may have together; None is the model's.
        when_too_long: What happens to a prompt that does not fit.
        top_logprobs: With each piece, the probabilities of its tokens and of so many likely
            alternatives are told; None tells none.
        urgency: Who goes first.
        wants_context: Whether `Finished.context` is to be filled.
        only_reads: Whether the prompt is only read and kept, also on disk, for questions that begin
            so; nothing is written.
        stays_local: Whether it must not leave the house, whatever the owner allows otherwise.
        may_repeat: Whether an answer that was written before for the very same question, to the
            same `fairness_key`, may be given again.
        stays_in_memory: Whether nothing that is read for it may be kept on disk.
    """

    request_id: str
    turns: tuple[Turn, ...]
    fairness_key: str
    sampling: Sampling = field(default_factory=Sampling)
    continues: bool = False
    model: str | None = None
    keep_alive_s: float | None = None
    raw_prompt: str | None = None
    prompt_before: tuple[int, ...] = ()
    shared_turns: int = 0
    tools: tuple[Tool, ...] = ()
    tool_use: ToolUse = ToolUse.AUTO
    must_call: str = ""
    thinks: bool = False
    output: JsonOutput | GrammarOutput | None = None
    context_tokens: int | None = None
    when_too_long: WhenTooLong = WhenTooLong.DROP_OLDEST_TURNS
    top_logprobs: int | None = None
    urgency: Urgency = Urgency.INTERACTIVE
    wants_context: bool = False
    only_reads: bool = False
    stays_local: bool = False
    may_repeat: bool = False
    stays_in_memory: bool = False


@dataclass(frozen=True)
class EmbeddingRequest:
    """Texts whose meaning is to be told in numbers.

    Attributes:
        request_id: Unique.
        texts: Each becomes one vector.
        fairness_key: As in `TextRequest`.
        model: Which model; None is the one that the owner chose.
        truncates: Whether a text longer than the model's context is cut; else it is refused.
        keep_alive_s: As in `TextRequest`.
    """

    request_id: str
    texts: tuple[str, ...]
    fairness_key: str
    model: str | None = None
    truncates: bool = True
    keep_alive_s: float | None = None


@dataclass(frozen=True)
class Embeddings:
    """Vectors of length 1, one per text.

    Attributes:
        vectors: Shape (texts, the model's embedding length).
        model: Name of the model.
        prompt_tokens: Tokens read in all.
        load_s: Seconds until the model was there.
        took_s: Seconds in all.
    """

    vectors: tuple[tuple[float, ...], ...]
    model: str
    prompt_tokens: int
    load_s: float
    took_s: float


@dataclass(frozen=True)
class Queued:
    """The request waits; `ahead` others come first; `eta_s` is None while nothing is known."""

    ahead: int
    eta_s: float | None


@dataclass(frozen=True)
class Loading:
    """The model is being loaded, `percent` of it is read."""

    percent: int


@dataclass(frozen=True)
class Reading:
    """The prompt is being read.

    Attributes:
        percent: Share of the prompt that is read, 0 to 100.
        prompt_tokens: Tokens of the whole prompt.
        dropped_turns: Oldest turns that were left out because they do not fit the context.
        cached_tokens: Tokens at its beginning that need not be read again.
    """

    percent: int
    prompt_tokens: int
    dropped_turns: int
    cached_tokens: int = 0


@dataclass(frozen=True)
class Writing:
    """The first token is there."""


@dataclass(frozen=True)
class LikelyToken:
    """A token that could stand here.

    Attributes:
        text: Its characters; halves of them show as replacement characters.
        data: Its bytes.
        logprob: Natural logarithm of its probability, before temperature and choice.
    """

    text: str
    data: bytes
    logprob: float


@dataclass(frozen=True)
class ChosenToken(LikelyToken):
    """A token that was chosen, with the likeliest ones in its place, the likeliest first."""

    alternatives: tuple[LikelyToken, ...] = ()


@dataclass(frozen=True)
class Piece:
    """More text of the answer; whole characters only.

    Attributes:
        text: What comes next.
        tokens: What it was made of, where `TextRequest.top_logprobs` asked for it.
    """

    text: str
    tokens: tuple[ChosenToken, ...] = ()


@dataclass(frozen=True)
class Thought:
    """More of what the model thinks aloud before it answers."""

    text: str


@dataclass(frozen=True)
class ToolCalled:
    """The model has asked for a function, whole."""

    call: ToolCall


class FinishReason(StrEnum):
    """Why an answer ended."""

    STOP = "stop"
    LENGTH = "length"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Origin:
    """Who answered, and why.

    Attributes:
        provider: `local` is this box's own engine; else the id of a provider.
        name: Of that provider, as people call it; empty for this box's own engine.
        is_cached: Whether the answer was written before, for the same question.
        reason: Why somebody else than the first in the chain answered; empty else.
        attempts: How many were asked.
        cost_eur: What the answer cost, if that is known.
    """

    provider: str = "local"
    name: str = ""
    is_cached: bool = False
    reason: str = ""
    attempts: int = 1
    cost_eur: float | None = None


@dataclass(frozen=True)
class Finished:
    """The answer is complete.

    Attributes:
        reason: Why it ended.
        model: Name of the model that wrote it.
        prompt_tokens: Tokens of the prompt, those that were in the cache included.
        completion_tokens: Tokens written.
        queued_s: Seconds waited before reading began.
        reading_s: Seconds from then to the first token.
        writing_s: Seconds from the first token to the last.
        load_s: Seconds until the model was there, in which the request waited for it.
        cached_tokens: Tokens at the beginning of the prompt that were not read again.
        drafted_tokens: Tokens that were guessed from the text before.
        accepted_tokens: How many of them were right.
        dropped_turns: Oldest turns that did not fit.
        cut_tokens: Tokens cut out of the prompt's middle.
        stop_text: Which of the stop texts ended it; empty if the model itself did.
        context: Tokens of prompt and answer, where `TextRequest.wants_context` asked for them.
        origin: Who answered.
    """

    reason: FinishReason
    model: str
    prompt_tokens: int
    completion_tokens: int
    queued_s: float
    reading_s: float
    writing_s: float
    load_s: float = 0.0
    cached_tokens: int = 0
    drafted_tokens: int = 0
    accepted_tokens: int = 0
    dropped_turns: int = 0
    cut_tokens: int = 0
    stop_text: str = ""
    context: tuple[int, ...] = ()
    origin: Origin = field(default_factory=Origin)


TextEvent = Queued | Loading | Reading | Writing | Thought | Piece | ToolCalled | Finished
