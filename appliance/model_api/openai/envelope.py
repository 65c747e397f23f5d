"""What stands around every answer of OpenAI's routes: its name, its time, what it cost."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from appliance import __version__
from appliance.engine.text.model import ChosenToken, Finished, FinishReason, LikelyToken

END = b"data: [DONE]\n\n"


@dataclass(frozen=True)
class Envelope:
    """What all parts of one answer have in common.

    Attributes:
        id: Names the answer.
        created_s: When it was begun, Unix time.
        model: What the client called the model.
        fingerprint: Changes when answers to the same seed may.
    """

    id: str
    created_s: int
    model: str
    fingerprint: str

    def headed(self, kind: str) -> dict[str, object]:
        """Return the first members of the answer's JSON; `kind` is what it calls itself."""
        return {
            "id": self.id,
            "object": kind,
            "created": self.created_s,
            "model": self.model,
            "system_fingerprint": self.fingerprint,
        }


def envelope(prefix: str, unique: str, at: datetime, *, shown: str, model: str) -> Envelope:
    """Return what stands around an answer.

    Args:
        prefix: What its name begins with.
        unique: The rest of its name.
        at: When it is begun.
        shown: What the client called the model.
        model: What it is called here.
    """
    mark = hashlib.sha256(f"{model} {__version__}".encode()).hexdigest()[:10]
    return Envelope(f"{prefix}{unique}", int(at.timestamp()), shown, f"fp_{mark}")


def finish_reason(finished: Finished, *, has_calls: bool) -> str:
    """Return why an answer ended, in OpenAI's words."""
    if finished.reason is FinishReason.LENGTH:
        return "length"
    return "tool_calls" if has_calls else "stop"


def usage(finished: Finished) -> dict[str, object]:
    """Return what an answer cost; what was left out of the prompt stands there too."""
    cut = {
        name: count
        for name, count in (
            ("dropped_turns", finished.dropped_turns),
            ("cut_tokens", finished.cut_tokens),
        )
        if count
    }
    return {
        "prompt_tokens": finished.prompt_tokens,
        "completion_tokens": finished.completion_tokens,
        "total_tokens": finished.prompt_tokens + finished.completion_tokens,
        "prompt_tokens_details": {"cached_tokens": finished.cached_tokens},
        **cut,
    }


def token_logprobs(token: ChosenToken) -> dict[str, object]:
    """Return how likely a token was, and those in its place."""
    return {
        **_likely(token),
        "top_logprobs": [_likely(other) for other in token.alternatives],
    }


def _likely(token: LikelyToken) -> dict[str, object]:
    return {"token": token.text, "logprob": token.logprob, "bytes": list(token.data)}
