"""A model of this box, as far as the engine needs to know it."""

from pathlib import Path
from typing import Protocol


class InstalledModel(Protocol):
    """A model file on this box; the library's models are."""

    @property
    def name(self) -> str:
        """Return what people and programs call it."""
        ...

    @property
    def title(self) -> str:
        """Return what pages show."""
        ...

    @property
    def file(self) -> Path:
        """Return where it lies; never told outside the box."""
        ...

    @property
    def size_bytes(self) -> int:
        """Return the size of the file."""
        ...

    @property
    def mark(self) -> str:
        """Return what changes whenever the file does, so that a new file has a clean record."""
        ...

    @property
    def is_demo(self) -> bool:
        """Return whether it is the bundled demonstration."""
        ...
