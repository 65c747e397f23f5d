"""How far a text follows a grammar, and what may come next: a machine with bounded work per step.

Nothing here can hang or grow without end, whatever the grammar: a text that could be read in too
many ways at once is refused (llama.cpp's own sampler takes memory without end for such grammars).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from appliance.engine.text.grammar import (
    Characters,
    Grammar,
    Repeat,
    Way,
    bad_grammar,
    joined_ranges,
)

_MOST_WAYS = 400
_MOST_WORK = 4_000
# What was found out is kept, since texts go the same ways again and again; up to so much.
_MOST_KEPT = 20_000
_LONGEST_FORCED = 400
_SURROGATES = range(0xD800, 0xE000)


class _Node:
    """A place in the grammar: inside a sequence, or a repetition that has been gone through."""

    __slots__ = ("count", "parent", "part", "place")

    def __init__(
        self, part: Way | Repeat, place: int, parent: "_Node | None", count: int = 0
    ) -> None:
        self.part = part
        self.place = place
        self.parent = parent
        self.count = count


@dataclass(eq=False)
class State:
    """All places where a text may stand.

    Attributes:
        nodes: Those that wait for a character.
        may_end: Whether the text may be complete here.
        ranges: The characters that may come next.
    """

    nodes: tuple[_Node, ...]
    may_end: bool
    ranges: tuple[tuple[int, int], ...]
    after: dict[str, "State | None"] = field(default_factory=dict[str, "State | None"])

    @property
    def must_end(self) -> bool:
        """Return whether nothing can come any more."""
        return not self.nodes

    def takes(self, first: int, last: int) -> bool:
        """Return whether any character from `first` to `last` may come next."""
        return any(low <= last and first <= high for low, high in self.ranges)


class Machine:
    """Reads texts by one grammar; may be used for any number of them.

    Attributes:
        work: How many places it has looked at in all, for those who must bound it.
    """

    def __init__(self, grammar: Grammar) -> None:
        """Begin.

        Raises:
            InvalidValueError: If even the first character could be read in too many ways.
        """
        self._grammar = grammar
        self.work = 0
        self._nodes: dict[tuple[int, int, int, int], _Node] = {}
        self._states: dict[frozenset[int], State] = {}
        ways = [self._node(way, 0, None) for way in grammar.rules[grammar.root]]
        self.start = self._state(ways)

    def next(self, state: State, character: str) -> State | None:
        """Return the state after one more character; None if it may not come.

        Raises:
            InvalidValueError: If the text could be read in too many ways (`bad_grammar`).
        """
        known = state.after
        if character in known:
            return known[character]
        following = self._after(state, ord(character))
        if len(known) < _MOST_KEPT:
            known[character] = following
        return following

    def read(self, state: State, text: str) -> State | None:
        """Return the state after a text; None if it may not come."""
        for character in text:
            following = self.next(state, character)
            if following is None:
                return None
            state = following
        return state

    def forced(self, state: State) -> str:
        """Return the text that must come next, as far as there is only one."""
        found: list[str] = []
        while len(found) < _LONGEST_FORCED and not state.may_end and len(state.ranges) == 1:
            first, last = state.ranges[0]
            if first != last or first in _SURROGATES:
                break
            following = self.next(state, chr(first))
            if following is None:
                break
            found.append(chr(first))
            state = following
        return "".join(found)

    def _after(self, state: State, code: int) -> State | None:
        ways: list[_Node | None] = []
        for node in state.nodes:
            part = node.part[node.place]  # type: ignore[index]
            if any(first <= code <= last for first, last in part.ranges):  # type: ignore[union-attr]
                ways.append(self._behind(node))
        return self._state(ways) if ways else None

    def _behind(self, node: _Node) -> _Node | None:
        """Return the place behind the element at `node`; nothing is kept of what is done."""
        sequence = node.part
        if isinstance(sequence, Repeat) or node.place + 1 >= len(sequence):
            return node.parent
        return self._node(sequence, node.place + 1, node.parent)

    def _state(self, ways: Iterable[_Node | None]) -> State:
        waiting, may_end = self._waiting(ways)
        key = frozenset({id(node) for node in waiting} | ({0} if may_end else set[int]()))
        if key in self._states:
            return self._states[key]
        if len(self._states) + len(self._nodes) > _MOST_KEPT:
            self._forget()
        found = [node.part[node.place].ranges for node in waiting]  # type: ignore[index,union-attr]
        ranges = joined_ranges([pair for ranges in found for pair in ranges])
        state = State(tuple(waiting), may_end, ranges)
        self._states[key] = state
        return state

    def _forget(self) -> None:
        for state in self._states.values():
            state.after.clear()
        self._states.clear()
        self._nodes.clear()

    def _waiting(self, ways: Iterable[_Node | None]) -> tuple[list[_Node], bool]:
        """Return the places that wait for a character, and whether the text may end."""
        waiting: list[_Node] = []
        may_end = False
        seen: set[int] = set()
        todo = list(ways)
        while todo:
            node = todo.pop()
            if node is None:
                may_end = True
                continue
            if id(node) in seen:
                continue
            seen.add(id(node))
            if _waits(node):
                waiting.append(node)
            else:
                todo += self._inside(node)
            if len(seen) > _MOST_WORK or len(waiting) > _MOST_WAYS:
                raise bad_grammar("a text can be read by it in too many ways")
        self.work += len(seen)
        return waiting, may_end

    def _inside(self, node: _Node) -> list[_Node | None]:
        """Return the places that are one step further in."""
        if isinstance(node.part, Repeat):
            return self._around(node, node.part)
        if node.place >= len(node.part):
            return [node.parent]
        part = node.part[node.place]
        behind = self._behind(node)
        if isinstance(part, Repeat):
            return [self._node(part, 0, behind)]
        if isinstance(part, Characters):
            return [node]
        return [self._node(way, 0, behind) for way in self._grammar.rules[part.rule]]

    def _around(self, node: _Node, repeat: Repeat) -> list[_Node | None]:
        """Return the ways on from a repetition: once more, or out of it."""
        ways: list[_Node | None] = [node.parent] if node.count >= repeat.least else []
        if repeat.most is None or node.count < repeat.most:
            # Without an end only whether it was often enough counts, so the places stay few.
            count = node.count + 1 if repeat.most is not None else min(node.count + 1, repeat.least)
            again = self._node(repeat, 0, node.parent, count)
            ways += [self._node(way, 0, again) for way in self._grammar.rules[repeat.rule]]
        return ways

    def _node(self, part: Way | Repeat, place: int, parent: _Node | None, count: int = 0) -> _Node:
        # The grammar keeps `part`, the node keeps its parent: their ids stay theirs.
        key = (id(part), place, id(parent), count)
        node = self._nodes.get(key)
        if node is None:
            node = self._nodes[key] = _Node(part, place, parent, count)
        return node


def _waits(node: _Node) -> bool:
    if isinstance(node.part, Repeat) or node.place >= len(node.part):
        return False
    return isinstance(node.part[node.place], Characters)


def first_bytes_of(ranges: Sequence[tuple[int, int]]) -> bytearray:
    """Return, for each byte, 1 if a character of these ranges may begin with it in UTF-8."""
    table = bytearray(256)
    for first, last in ranges:
        for lead in range(_lead_of(first), _lead_of(last) + 1):
            table[lead] = 1
    return table


def _lead_of(code: int) -> int:
    safe = 0xD7FF if code in _SURROGATES else code
    return chr(safe).encode()[0]
