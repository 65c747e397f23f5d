"""From a request to what the model reads: its conversation or raw prompt, tools and thoughts."""

import sys
from collections.abc import Sequence
from dataclasses import replace

from appliance.base.errors import InvalidValueError
from appliance.engine.text.model import TextRequest, Tool, ToolUse, Turn, WhenTooLong
from appliance.engine.text.prompting import Prompt, PromptWishes, Tokeniser, fitted, prompt_of
from appliance.engine.text.template import ChatTemplate, Offer
from appliance.engine.text.tool_calls import instruction, written_call, written_result


class Prompts:
    """Writes the prompts of one model."""

    def __init__(self, template: ChatTemplate, tokeniser: Tokeniser) -> None:
        """Write with the model's own template and tokens."""
        self._template = template
        self._tokeniser = tokeniser

    def prompt_for(self, request: TextRequest, *, context_tokens: int) -> Prompt:
        """Return what the model reads for a request, with room for its answer.

        Raises:
            InvalidValueError: As `prompt_of`; and if a token of the context is none
                (`unknown_token`).
        """
        before = self._checked(request.prompt_before)
        if request.raw_prompt is not None:
            tokens = self._tokeniser.tokens_of(request.raw_prompt, special=True)
            return fitted(self._joined(before, tokens), request, context_tokens=context_tokens)
        if before and request.when_too_long is WhenTooLong.CUT_THE_MIDDLE:
            # What comes before is part of what is cut.
            whole = self._joined(before, self._conversation(request, sys.maxsize).tokens)
            return fitted(whole, request, context_tokens=context_tokens)
        prompt = self._conversation(request, context_tokens - len(before))
        shared_tokens = 0 if before else prompt.shared_tokens
        tokens = self._joined(before, prompt.tokens)
        return replace(prompt, tokens=tokens, shared_tokens=shared_tokens)

    def _conversation(self, request: TextRequest, context_tokens: int) -> Prompt:
        tools = () if request.tool_use is ToolUse.NONE else request.tools
        turns = request.turns
        if not self._template.knows_tools:
            turns = spelled_out(turns, tools)
        return prompt_of(
            turns,
            template=self._template,
            offer=Offer(tools, request.thinks, self._is_plain),
            tokeniser=self._tokeniser,
            context_tokens=context_tokens,
            wanted_answer_tokens=request.sampling.max_tokens,
            continues=request.continues,
            wishes=PromptWishes(request.when_too_long, request.shared_turns),
        )

    def _is_plain(self, text: str) -> bool:
        tokens = self._tokeniser.tokens_of(text, special=False)
        return tokens == self._tokeniser.tokens_of(text, special=True)

    def _checked(self, tokens: Sequence[int]) -> list[int]:
        size = self._tokeniser.vocabulary_size
        unknown = next((token for token in tokens if not 0 <= token < size), None)
        if unknown is not None:
            raise InvalidValueError(
                f"The context has the token {unknown}; the model's tokens are 0 to {size - 1:,}.",
                code="unknown_token",
                token=unknown,
            )
        return list(tokens)

    def _joined(self, before: list[int], tokens: list[int]) -> list[int]:
        begin = self._tokeniser.begin_tokens()
        if before and begin and tokens[: len(begin)] == begin:
            # The model reads its first token once.
            tokens = tokens[len(begin) :]
        joined = before + tokens
        return joined if joined[: len(begin)] == begin else begin + joined


def spelled_out(turns: Sequence[Turn], tools: Sequence[Tool]) -> tuple[Turn, ...]:
    """Return the turns for a template that knows no tools: calls and results as plain text."""
    spelled: list[Turn] = []
    follows_result = False
    for turn in turns:
        content = _spelled_content(turn)
        if turn.role == "tool" and follows_result:
            # Many templates want the roles to alternate: several results are one turn.
            content = f"{spelled.pop().content}\n{content}"
        spelled.append(Turn("user" if turn.role == "tool" else turn.role, content))
        follows_result = turn.role == "tool"
    if not tools or not spelled:
        return tuple(spelled)
    words = instruction(tools)
    if spelled and spelled[0].role == "system":
        return (Turn("system", f"{spelled[0].content}\n\n{words}"), *spelled[1:])
    return (Turn("system", words), *spelled)


def _spelled_content(turn: Turn) -> str:
    if turn.role == "tool":
        return written_result(turn.content)
    calls = [written_call(call.name, call.arguments) for call in turn.tool_calls]
    return "\n".join([*([turn.content] if turn.content or not calls else []), *calls])
