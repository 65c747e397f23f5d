"""What clients have seen of the chat, and what a box must therefore still have."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Row = Mapping[str, object]

ENDED = frozenset({"done", "stopped", "failed", "interrupted"})


@dataclass
class Witness:
    """Keeps all that any client was told.

    Attributes:
        questions: Texts of the questions that were acknowledged, by message.
        texts: The longest text of each answer that anybody saw.
        ids: Event ids of each answer as each client had them, with all its returns.
    """

    questions: dict[str, str] = field(default_factory=dict[str, str])
    texts: dict[str, str] = field(default_factory=dict[str, str])

    def asked(self, question_id: str, text: str) -> None:
        """Note a question whose stream has begun."""
        self.questions[question_id] = text

    def saw(self, answer_id: str, text: str) -> None:
        """Note what a client has of an answer."""
        known = self.texts.get(answer_id, "")
        longer, shorter = (text, known) if len(text) > len(known) else (known, text)
        if not longer.startswith(shorter):
            raise AssertionError(f"two clients saw different texts of {answer_id}")
        self.texts[answer_id] = longer

    def faults_in(self, rows: Sequence[Row]) -> list[str]:
        """Return what is wrong with a conversation's rows; nothing if all is as it was seen."""
        ids = [str(row["id"]) for row in rows]
        faults = [f"{one} is there twice" for one in sorted({i for i in ids if ids.count(i) > 1})]
        for row in rows:
            faults += self._faults_of(row)
        return faults

    def missing_among(self, found: set[str]) -> set[str]:
        """Return which messages that somebody has seen are not among these."""
        return (set(self.questions) | set(self.texts)) - found

    def _faults_of(self, row: Row) -> list[str]:
        identity, content, state = str(row["id"]), str(row["content"]), row["state"]
        if row["role"] == "user":
            return (
                [] if content == self.questions.get(identity) else [f"{identity}: other question"]
            )
        faults = []
        if state not in ENDED:
            faults.append(f"{identity} is still {state}")
        if not content.startswith(self.texts.get(identity, "")):
            faults.append(f"{identity} lacks text that somebody saw")
        if (row["error"] is not None) != (state in {"failed", "interrupted"}):
            faults.append(f"{identity} is {state} with error {row['error']}")
        return faults
