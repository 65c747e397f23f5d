"""Fixtures with the real engine: skipped, with the reason, where it is not there."""

from pathlib import Path

import pytest

from tests.engine.text.demo import DEMO_FILE, why_not_real


@pytest.fixture
def demo_file() -> Path:
    """Return the bundled demo model."""
    if not DEMO_FILE.is_file():
        pytest.skip("models/demo/nodo-demo.gguf is not there")
    return DEMO_FILE


@pytest.fixture
def real_engine_here() -> None:
    """Skip the test where llama.cpp or the demo model is absent."""
    if reason := why_not_real():
        pytest.skip(reason)
