import pytest

from tests.house.projects import findings
from tools.house_rules.rules import owners


@pytest.mark.parametrize(
    "line",
    [
        "import subprocess",
        "from subprocess import run",
        "from os import environ",
        "home = os.environ['HOME']",
        "await asyncio.create_subprocess_exec('ls')",
    ],
)
def test_processes_and_environment_outside_their_owners_are_found(line: str) -> None:
    assert findings(owners.check, {"appliance/chat/a.py": line + "\n"}) == ["appliance/chat/a.py:1"]


def test_the_owners_may() -> None:
    files = {
        "appliance/base/process/child.py": "import subprocess\n",
        "appliance/boot/settings.py": "port = os.environ['NODO_PORT']\n",
    }

    assert findings(owners.check, files) == []
