"""OpenAI's, Anthropic's and Ollama's own libraries against a real box, unchanged.

They are not among the project's packages. Install `openai`, `anthropic` and `ollama` anywhere, and
name that Python: `NODO_CONFORMANCE_PYTHON=/somewhere/bin/python`.
"""

import os
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.conformance.models import TOOLS_MODEL, write_tools_model
from tests.servers.nodo import running_nodo

_PYTHON = os.environ.get("NODO_CONFORMANCE_PYTHON", "")
_CLIENTS = Path(__file__).parent / "clients"


@pytest.mark.skipif(not _PYTHON, reason="NODO_CONFORMANCE_PYTHON names no Python with the clients")
@pytest.mark.parametrize("client", ["openai_python", "anthropic_python", "ollama_python"])
def test_a_client_library_works_unchanged(client: str, tmp_path: Path) -> None:
    write_tools_model(tmp_path / "models")
    with running_nodo(tmp_path) as nodo, httpx.Client(timeout=30) as http:
        owner = nodo.set_up(http)
        body = {"name": "client", "scopes": ["models"]}
        key = http.post(f"{nodo.url}/auth/keys", json=body, headers=owner).json()["key"]

        ended = subprocess.run(
            [_PYTHON, str(_CLIENTS / f"{client}.py"), nodo.url, key, TOOLS_MODEL],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    assert ended.returncode == 0, ended.stdout + ended.stderr
