"""Which model the owner chose, while it is looked for and changed at the same time."""

import asyncio
import threading
from dataclasses import replace
from pathlib import Path

from appliance.engine.library.library import ModelLibrary
from appliance.engine.library.model import LibraryModel
from appliance.engine.text.choice import Choice
from appliance.engine.text.record import EngineRecord
from tests.engine.text.tiny_gguf import TinyGguf
from tests.waiting import until


class HeldLibrary(ModelLibrary):
    """Finds the model `old` only once it is let go."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder=folder, demo_file=None)
        self.is_asked = threading.Event()
        self.goes_on = threading.Event()

    def model_named(self, name: str) -> LibraryModel:
        if name == "old":
            self.is_asked.set()
            self.goes_on.wait(10)
        return super().model_named(name)


async def test_a_choice_made_while_the_one_before_is_looked_for_stays(tmp_path: Path):
    for number, name in enumerate(("old", "new")):
        content = replace(TinyGguf(), data=bytes(200_000 + number)).content()
        (tmp_path / f"{name}.gguf").write_bytes(content)
    shelf, record = HeldLibrary(tmp_path), EngineRecord(tmp_path / "engine.json")
    record.choose("old", "")
    choice = Choice(shelf, record)

    looking = asyncio.create_task(choice.settle())
    await until(shelf.is_asked.is_set)
    await choice.change("new")
    shelf.goes_on.set()
    await looking

    assert choice.model is not None
    assert choice.model.name == "new"
