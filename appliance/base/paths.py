"""Where things lie in the data folder."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class DataFolder:
    """The one folder that holds all that Nodo keeps; made private (0700) at start."""

    root: Path

    @property
    def database(self) -> Path:
        """Return the SQLite file."""
        return self.root / "nodo.db"

    @property
    def models(self) -> Path:
        """Return the folder with the GGUF files that the owner added."""
        return self.root / "models"

    @property
    def inbox(self) -> Path:
        """Return the folder where GGUF files may be put to be taken in."""
        return self.root / "inbox"

    @property
    def engine_record(self) -> Path:
        """Return the file with the chosen model and the crashes of models."""
        return self.root / "models" / "engine.json"

    @property
    def engine_calibrations(self) -> Path:
        """Return the file with what was measured of models on this box."""
        return self.root / "models" / "calibrations.json"

    @property
    def prefixes(self) -> Path:
        """Return the folder with beginnings of prompts that were read before."""
        return self.root / "cache" / "prefixes"

    @property
    def backups(self) -> Path:
        """Return the folder with copies of the database."""
        return self.root / "backups"

    @property
    def logs(self) -> Path:
        """Return the folder with rotating logs."""
        return self.root / "logs"

    @property
    def secrets(self) -> Path:
        """Return the folder with keys, each file 0600."""
        return self.root / "secrets"

    @property
    def blobs(self) -> Path:
        """Return the folder with uploaded files."""
        return self.root / "blobs"

    @property
    def ballast(self) -> Path:
        """Return the reserve that is given up when the disk is full."""
        return self.root / "reserve"

    @property
    def settings_file(self) -> Path:
        """Return the settings file, which need not exist."""
        return self.root / "nodo.toml"

    def make(self) -> None:
        """Create the folders that are missing, readable by this user only.

        Raises:
            OSError: If the folder cannot be created or written.
        """
        for folder in (self.models, self.inbox, self.backups, self.logs, self.secrets, self.blobs):
            folder.mkdir(parents=True, exist_ok=True)
        for private in (self.root, self.secrets):
            private.chmod(0o700)
