"""Files that come with the program: the pages, the demo model, the catalogue."""

import sys
from pathlib import Path


def program_folder() -> Path:
    """Return the folder that holds `ui/` and `models/`: the checkout, or the bundle's inside."""
    bundle = getattr(sys, "_MEIPASS", None)
    if isinstance(bundle, str):
        return Path(bundle)
    return Path(__file__).resolve().parents[2]


def pages_folder() -> Path:
    """Return the folder of the built interface, which may be missing."""
    return program_folder() / "ui" / "dist"


def catalogue_file() -> Path:
    """Return the list of models that may be got."""
    return program_folder() / "models" / "catalogue.toml"


def known_models_file() -> Path:
    """Return what is known of other people's models."""
    return program_folder() / "models" / "providers.toml"


def demo_model_file() -> Path:
    """Return the bundled demonstration model."""
    return program_folder() / "models" / "demo" / "nodo-demo.gguf"
