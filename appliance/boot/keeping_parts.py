"""Where models may lie about on this computer, and who keeps them."""

from collections.abc import Mapping
from pathlib import Path

import psutil

from appliance.base.ids import Ids
from appliance.base.paths import DataFolder
from appliance.engine.download.downloads import Downloads
from appliance.engine.library.found import Places
from appliance.engine.text.residency import Residency
from appliance.model_api.keeping.keeping import Keeping, Memory

# Where desktops and servers show sticks and further disks.
_MEDIA = (Path("/media"), Path("/run/media"), Path("/mnt"))
_OLLAMA_OF_THE_SYSTEM = Path("/usr/share/ollama/.ollama/models")


def model_places(folder: DataFolder, environment: Mapping[str, str]) -> Places:
    """Return where models may lie about."""
    return Places(inbox=folder.inbox, media=_MEDIA, ollama=ollama_folders(environment))


def ollama_folders(environment: Mapping[str, str]) -> list[Path]:
    """Return where an Ollama of this computer may keep its models, the likeliest first."""
    named = environment.get("OLLAMA_MODELS", "").strip()
    own = Path(environment.get("HOME", "/")) / ".ollama" / "models"
    return [Path(named)] if named else [own, _OLLAMA_OF_THE_SYSTEM]


def model_keeping(
    folder: DataFolder,
    environment: Mapping[str, str],
    *,
    downloads: Downloads,
    engine: Residency,
    ids: Ids,
) -> Keeping:
    """Return the keeping of this box's models."""
    return Keeping(
        library=downloads.library,
        downloads=downloads,
        engine=engine,
        places=model_places(folder, environment),
        ids=ids,
        memory=_memory,
    )


def _memory() -> Memory:
    memory = psutil.virtual_memory()
    return Memory(total_bytes=memory.total, available_bytes=memory.available)
