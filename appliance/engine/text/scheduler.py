"""Who runs next, as pure decisions: admission, fairness, and the rows of the next step."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Waiter:
    """A request in the queue, as far as the choice of the next one needs it.

    Attributes:
        request_id: Unique.
        fairness_key: Whose it is.
        is_patient: Whether it is work that can wait for people.
    """

    request_id: str
    fairness_key: str
    is_patient: bool = False


@dataclass(frozen=True)
class Reader:
    """A running request whose prompt is not read yet; `unread_tokens` is at least 1."""

    request_id: str
    unread_tokens: int


def order_of_service(
    waiting: Sequence[Waiter], running_keys: Sequence[str], last_served: Mapping[str, int]
) -> list[Waiter]:
    """Return the queue in the order in which it will be served.

    Who sits before the screen goes before work that can wait. People take turns: of each person the oldest request first, and before anybody's next one come
    the people who have fewer running, among them those who were served longest ago. Among equals
    it is first come, first served.

    Args:
        waiting: The queue, in the order of arrival.
        running_keys: Whose answers run now, one entry per answer.
        last_served: When each person's last answer began, as a number that grows.
    """
    served = Counter(running_keys)
    turns = dict(last_served)
    left = list(waiting)
    order: list[Waiter] = []
    turn = max(turns.values(), default=0)
    while left:
        chosen = min(left, key=lambda w: (w.is_patient, *_turn_of(w.fairness_key, served, turns)))
        left.remove(chosen)
        turn += 1
        served[chosen.fairness_key] += 1
        turns[chosen.fairness_key] = turn
        order.append(chosen)
    return order


def _turn_of(key: str, served: Mapping[str, int], turns: Mapping[str, int]) -> tuple[int, int]:
    return served[key], turns.get(key, -1)


def shares_of_rows(readers: Sequence[Reader], rows: int) -> dict[str, int]:
    """Return how many prompt tokens each reader may read in this step; `rows` in all at most.

    Everybody gets an equal share; what short prompts leave over goes to the others, the one that
    is nearest to its first word first.
    """
    shares: dict[str, int] = {}
    left = sorted(readers, key=lambda reader: reader.unread_tokens)
    rows_left = max(rows, 0)
    while left and rows_left:
        reader = left.pop(0)
        # The shortest first: its unused part of the fair share is spread over those behind it.
        share = min(reader.unread_tokens, max(rows_left // (len(left) + 1), 1))
        shares[reader.request_id] = share
        rows_left -= share
    return shares


def estimated_wait_s(
    *, ahead: int, parallel: int, running: int, answer_s: float | None
) -> float | None:
    """Return how long a request with `ahead` others before it may wait; None while unknown.

    Args:
        ahead: Requests that are served before it.
        parallel: Answers that run beside each other.
        running: Answers that run now.
        answer_s: Mean time of recent answers.
    """
    if answer_s is None:
        return None
    rounds = (ahead + max(running - parallel + 1, 0)) / max(parallel, 1)
    return round(rounds * answer_s, 1)
