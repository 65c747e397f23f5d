"""Who waits while somebody else reads the same beginning: it is computed once, and copied then."""

from collections.abc import Sequence

from appliance.engine.text.sequences import common_length
from appliance.engine.text.underway import Answer

# Less is read twice sooner than it is waited for.
_WORTHWHILE_TOKENS = 32


def who_reads(reading: Sequence[Answer]) -> list[Answer]:
    """Return those of the readers who take part in the next step, in their order.

    Who comes later waits for who came before, as long as that one has more of what both begin with
    still to read. Nobody waits for somebody who waits.
    """
    leaders: list[Answer] = []
    for answer in reading:
        if not any(_leads(leader, answer) for leader in leaders):
            leaders.append(answer)
    return leaders


def _leads(leader: Answer, answer: Answer) -> bool:
    one, other = leader.wanted, answer.wanted
    most = min(len(one.tokens), len(other.tokens) - 1)
    if one.owner != other.owner:
        most = min(most, one.shared_tokens, other.shared_tokens)
    if most - answer.read_tokens < _WORTHWHILE_TOKENS or leader.read_tokens < answer.read_tokens:
        return False
    common = common_length(one.tokens, other.tokens, most)
    return common - answer.read_tokens >= _WORTHWHILE_TOKENS
