"""Where the demo model is, and whether the real engine can run here."""

import importlib.util
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
DEMO_FILE = REPOSITORY / "models" / "demo" / "nodo-demo.gguf"


def why_not_real() -> str:
    """Return why the real engine cannot be tested here; empty if it can."""
    if importlib.util.find_spec("llama_cpp") is None:
        return "llama-cpp-python is not installed"
    return "" if DEMO_FILE.is_file() else "models/demo/nodo-demo.gguf is not there"
