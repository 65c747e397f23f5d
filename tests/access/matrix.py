"""Who may call what: asked of a real box, written as the table of docs/access.md."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from tests.access.belongings import are_all_there, belongings_of
from tests.access.callers import Callers, called_in
from tests.servers.nodo import Nodo

_NOWHERE = "01900000-0000-7000-8000-000000000000"
# A refusal of these codes came before the route itself was asked.
_REFUSALS = {
    "not_signed_in": "sign in",
    "key_unknown": "sign in",
    "forbidden": "role",
    "scope_missing": "scope",
    "confirmation_needed": "password",
}
_KEY_COLUMNS = ("key, its scope", "key, other scope")
_FOREIGN_COLUMNS = ("another's, by a worker", "another's, by the owner", "another's, by key")
_BODIES: Mapping[str, Mapping[str, object]] = {
    "PATCH /conversations/{conversation_id}": {"title": "Otro"},
    "PUT /chat/{message_id}/feedback": {"rating": "up"},
}
# These end the sign-in of whoever calls them, so nobody's is sent.
_WITHOUT_CALLER = ("POST /auth/logout",)


@dataclass(frozen=True)
class Operation:
    """One thing that can be asked.

    Attributes:
        method: Of HTTP.
        path: With the names of its parameters.
        access: What the described interface says of who may call it.
    """

    method: str
    path: str
    access: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Return how the table calls it."""
        return f"{self.method} {self.path}"

    @property
    def parameters(self) -> list[str]:
        """Return the names in its path."""
        return [piece.partition("}")[0] for piece in self.path.split("{")[1:]]


class Matrix:
    """Asks a box everything in everybody's name."""

    def __init__(self, nodo: Nodo, client: httpx.Client) -> None:
        self._nodo = nodo
        self._client = client
        self._callers: Callers = called_in(nodo, client)
        self._things = belongings_of(nodo, client, self._callers.other)

    def operations(self) -> list[Operation]:
        """Return what can be asked, as the described interface has it."""
        owner = self._callers.people["owner"]
        described = self._client.get(f"{self._nodo.url}/api/openapi.json", headers=owner).json()
        return [
            Operation(method.upper(), path, operation["x-nodo-access"])
            for path, methods in sorted(described["paths"].items())
            for method, operation in sorted(methods.items())
        ]

    def columns(self) -> list[str]:
        """Return who calls."""
        return [*self._callers.people, *_KEY_COLUMNS, *_FOREIGN_COLUMNS]

    def row(self, operation: Operation) -> dict[str, str]:
        """Return what each of them is answered."""
        cells = {name: self._cell(operation, who) for name, who in self._callers.people.items()}
        scopes = operation.access["scopes"]
        others = [scope for scope in ("metrics", "models", "chat") if scope not in scopes]
        for column, key in zip(_KEY_COLUMNS, ("all", others[0]), strict=True):
            cells[column] = self._cell(operation, self._callers.keys[key])
        cells.update(self._foreign_cells(operation))
        return cells

    def foreign_bodies(self) -> dict[str, int]:
        """Return what a worker is answered who names somebody's things in a question."""
        things = self._things
        bodies: dict[str, dict[str, object]] = {
            "conversation": {"conversation_id": things["conversation_id"]},
            "parent": {"parent_id": things["message_id"]},
            "file": {"files": [things["file_id"]]},
        }
        return {
            name: self._client.post(
                f"{self._nodo.url}/chat",
                json={"message": "Hola", **body},
                headers=self._callers.people["worker"],
            ).status_code
            for name, body in bodies.items()
        }

    def is_untouched(self) -> bool:
        """Return whether somebody's things are all there after everybody else's tries."""
        return are_all_there(self._nodo, self._client, self._callers.other, self._things)

    def _foreign_cells(self, operation: Operation) -> Iterator[tuple[str, str]]:
        # What a person has; models and providers are the box's.
        is_persons = {*operation.parameters} <= self._things.keys()
        is_theirs = operation.path.startswith("/admin") or not operation.parameters
        is_theirs = is_theirs or not is_persons
        for column, who in zip(
            _FOREIGN_COLUMNS,
            (
                self._callers.people["worker"],
                self._callers.people["owner"],
                self._callers.keys["all"],
            ),
            strict=True,
        ):
            yield column, "" if is_theirs else self._cell(operation, who, self._things)

    def _cell(
        self, operation: Operation, who: Mapping[str, str], things: Mapping[str, str] | None = None
    ) -> str:
        if operation.name in _WITHOUT_CALLER:
            who = {}
        ids = things or dict.fromkeys(operation.parameters, _NOWHERE)
        address = operation.path.format(**ids)
        body = _BODIES.get(operation.name, {})
        # Only the beginning is looked at: some answers never end.
        with self._client.stream(
            operation.method, self._nodo.url + address, json=body, headers=who
        ) as answer:
            code = _code_of(answer)
        if code in _REFUSALS:
            return _REFUSALS[code]
        return "not found" if things and answer.status_code == 404 else "yes"


def table(columns: list[str], rows: Mapping[str, Mapping[str, str]]) -> str:
    """Return the table in Markdown."""
    lines = [
        f"| operation | {' | '.join(columns)} |",
        f"| --- |{' --- |' * len(columns)}",
        *(
            f"| `{name}` | {' | '.join(row[column] for column in columns)} |"
            for name, row in rows.items()
        ),
    ]
    return "\n".join(lines) + "\n"


def _code_of(answer: httpx.Response) -> str:
    if "x-nodo-problem" in answer.headers:
        return answer.headers["x-nodo-problem"]
    if "problem+json" not in answer.headers.get("content-type", ""):
        return ""
    answer.read()
    return str(answer.json()["code"])
