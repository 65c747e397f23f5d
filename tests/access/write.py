"""Writes docs/access.md anew: `python -m tests.access.write`. Read the difference before you commit it."""

import tempfile
from pathlib import Path

import httpx

from tests.access.matrix import Matrix, table
from tests.access.test_matrix import BEGIN, TABLE
from tests.servers.nodo import running_nodo


def main() -> None:
    """Ask a new box everything, and write down what it answers."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running_nodo(Path(folder), {"NODO_RATE_LIMIT_ENABLED": "off"}) as nodo,
        httpx.Client(timeout=30) as client,
    ):
        matrix = Matrix(nodo, client)
        rows = {
            operation.name: matrix.row(operation)
            for operation in matrix.operations()
            if not operation.path.startswith("/api/auth/")
        }
        head = TABLE.read_text(encoding="utf-8").partition(BEGIN)[0]
        TABLE.write_text(head + BEGIN + table(matrix.columns(), rows), encoding="utf-8")


if __name__ == "__main__":
    main()
