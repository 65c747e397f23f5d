from collections.abc import Iterator

import httpx
import pytest

from tests.access.matrix import Matrix, Operation, table
from tests.servers.nodo import ROOT, running_nodo

pytest.importorskip("llama_cpp", reason="llama-cpp-python is not installed")

TABLE = ROOT / "docs" / "access.md"
BEGIN = "<!-- What a box answered. Do not edit: see tests/access/write.py -->\n"
REFUSED = {"role", "scope", "sign in", "password"}


@pytest.fixture(scope="module")
def matrix(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Matrix]:
    with (
        running_nodo(tmp_path_factory.mktemp("box"), {"NODO_RATE_LIMIT_ENABLED": "off"}) as nodo,
        httpx.Client(timeout=30) as client,
    ):
        yield Matrix(nodo, client)


@pytest.fixture(scope="module")
def operations(matrix: Matrix) -> list[Operation]:
    return matrix.operations()


@pytest.fixture(scope="module")
def rows(matrix: Matrix, operations: list[Operation]) -> dict[str, dict[str, str]]:
    # The other spelling of these addresses is compared below.
    return {
        operation.name: matrix.row(operation)
        for operation in operations
        if not operation.path.startswith("/api/auth/")
    }


def test_a_box_answers_as_the_table_says(matrix: Matrix, rows: dict[str, dict[str, str]]) -> None:
    written = TABLE.read_text(encoding="utf-8").partition(BEGIN)[2]

    assert table(matrix.columns(), rows) == written


def test_nobody_has_touched_what_belongs_to_another(
    matrix: Matrix, rows: dict[str, dict[str, str]]
) -> None:
    assert rows
    assert matrix.is_untouched()


def test_what_is_somebody_elses_is_not_there_for_anybody(
    rows: dict[str, dict[str, str]],
) -> None:
    foreign = {
        cell for row in rows.values() for column, cell in row.items() if "another's" in column
    }

    assert foreign == {"", "not found", "scope"}


def test_the_described_interface_says_what_happens(
    operations: list[Operation], rows: dict[str, dict[str, str]]
) -> None:
    said = {one.name: _expected(one) for one in operations if one.name in rows}

    assert {name: _opened_to(row) for name, row in rows.items()} == said


def test_what_is_somebody_elses_is_not_there_within_a_body_either(matrix: Matrix) -> None:
    assert set(matrix.foreign_bodies().values()) == {404}


def test_both_spellings_of_an_address_demand_the_same(operations: list[Operation]) -> None:
    long = {
        (one.method, one.path.removeprefix("/api")): one.access
        for one in operations
        if one.path.startswith("/api/auth/")
    }
    short = {
        (one.method, one.path): one.access for one in operations if one.path.startswith("/auth/")
    }

    assert long == short


def _opened_to(row: dict[str, str]) -> set[str]:
    return {column for column in _COMPARED if row[column] not in REFUSED}


_COMPARED = (
    "nobody",
    "worker",
    "supervisor",
    "admin",
    "owner",
    "admin, no password lately",
    "key, its scope",
)


def _expected(operation: Operation) -> set[str]:
    role = operation.access["role"]
    if role is None:
        return set(_COMPARED)
    order = ["worker", "supervisor", "admin", "owner"]
    people = set(order[order.index(role) :])
    lately = set[str]() if operation.access["confirmed"] else {"admin, no password lately"}
    programs = {"key, its scope"} if operation.access["scopes"] else set[str]()
    return people | lately | programs
