"""Files that come with the program: the pages, the demo model, the catalogue."""

import sys
from pathlib import Path


def program_folder() -> Path:
    """Return the folder that holds `ui/` and `models/`: the checkout, or the bundle's inside."""
    bundle = getattr(sys, "_MEIPASS", None)
    if isinstance(bundle, str):
        return Path(bundle)
    return Path(__file__).resolve().parents[2]
