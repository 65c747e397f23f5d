import re
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_LOCKS = sorted(path.name for path in _ROOT.glob("requirements*.lock"))


def _pins(lock: str) -> set[str]:
    return set(re.findall(r"^(\S+==\S+.*?) \\$", (_ROOT / lock).read_text(), re.MULTILINE))


def test_what_serves_the_tests_also_serves_the_program() -> None:
    assert _pins("requirements.lock") <= _pins("requirements-dev.lock")


@pytest.mark.parametrize("lock", _LOCKS)
def test_a_lock_names_hashes_and_no_host(lock: str) -> None:
    text = (_ROOT / lock).read_text()

    assert "://" not in text
    assert text.count("==") <= text.count("--hash=sha256:")


def test_the_lock_of_the_interface_names_no_host_of_a_registry() -> None:
    assert '"resolved"' not in (_ROOT / "package-lock.json").read_text()
