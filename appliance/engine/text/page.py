"""What is written of one answer: its tokens, its form, and what they say."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from appliance.engine.text.drafting import Memory, Trust
from appliance.engine.text.form import Written
from appliance.engine.text.model import ChosenToken, Piece
from appliance.engine.text.sampler import Sampler
from appliance.engine.text.transcript import Said, Transcript

# What repeats one token longer than this will do so for ever.
_MOST_ALIKE = 30


@dataclass
class Page:
    """The written part of an answer.

    Attributes:
        sampler: Chooses its tokens.
        form: What it must look like; None if that is free.
        transcript: Tells what the tokens say.
        tokens: Those written.
        memory: What its guesses come from; None before the first.
        trust: How good they were.
        drafted: How many tokens were guessed.
        accepted: How many of the guesses were right.
    """

    sampler: Sampler
    form: Written | None
    transcript: Transcript
    tokens: list[int] = field(default_factory=list[int])
    memory: Memory | None = None
    trust: Trust = field(default_factory=Trust)
    drafted: int = 0
    accepted: int = 0
    alike: int = 0
    untold: deque[ChosenToken] = field(default_factory=deque[ChosenToken])

    @property
    def runs_away(self) -> bool:
        """Return whether it writes the same token again and again."""
        return self.alike >= _MOST_ALIKE

    def write(self, token: int, data: bytes, chosen: ChosenToken | None) -> list[Said]:
        """Take one more token, and return what is sure now."""
        self.alike = self.alike + 1 if self.tokens and self.tokens[-1] == token else 1
        self.tokens.append(token)
        if self.form is not None:
            self.form.accept(token)
        if chosen is not None:
            self.untold.append(chosen)
        return self._with_tokens(self.transcript.hear(data), is_end=False)

    def end(self) -> list[Said]:
        """Return what was held back, now that nothing more comes."""
        return self._with_tokens(self.transcript.end(), is_end=True)

    def remembered(self, prompt: Sequence[int]) -> Memory:
        """Return all that stood before in the prompt and in the answer."""
        memory = self.memory
        if memory is None:
            memory = self.memory = Memory(prompt)
        memory.extend(self.tokens[len(memory) - len(prompt) :])
        return memory

    def close(self) -> None:
        """Free what llama.cpp holds for it."""
        self.sampler.close()

    def _with_tokens(self, said: list[Said], *, is_end: bool) -> list[Said]:
        """Add to each piece the tokens that it was made of, where they are wanted."""
        if not self.untold or not said:
            return said
        held = 0 if is_end else self.transcript.held_characters
        whole: list[Said] = []
        for one in said:
            tokens = self._told(held if one is said[-1] else 0, one)
            whole.append(replace(one, tokens=tokens) if isinstance(one, Piece) else one)
        return whole

    def _told(self, held: int, said: Said) -> tuple[ChosenToken, ...]:
        """Take out the tokens of what is said; those of text that is held back stay."""
        length = sum(len(token.text) for token in self.untold) - held
        taken: list[ChosenToken] = []
        while self.untold and (length > 0 or not self.untold[0].text):
            length -= len(self.untold[0].text)
            taken.append(self.untold.popleft())
        return tuple(taken) if isinstance(said, Piece) else ()
