from datetime import date
from pathlib import Path

import pytest

from appliance.base.errors import InvalidValueError
from appliance.engine.providers.habits import known_habits, read_known_models
from appliance.engine.providers.model import Habits, Provider, ProviderKind

FILE = Path(__file__).parents[3] / "models" / "providers.toml"


def asking_for(model: str, kind: ProviderKind = ProviderKind.OPENAI) -> Provider:
    return Provider("p", "P", kind, ("https://api.example/v1",), model)


def test_the_day_on_which_a_model_ends_is_known_with_its_dated_versions():
    habits = known_habits(read_known_models(FILE))

    assert habits(asking_for("gpt-4o-mini-2024-07-18")).retires_on == "2027-01-14"
    assert habits(asking_for("gpt-5-nano")).retires_on == "2026-12-11"


def test_of_a_model_that_nobody_knows_nothing_is_known():
    habits = known_habits(read_known_models(FILE))

    assert habits(asking_for("mine")) == Habits()
    assert habits(asking_for("gpt-4o-mini", ProviderKind.XAI)) == Habits()


def test_every_entry_can_be_read_and_costs_something_sensible():
    for model in read_known_models(FILE):
        assert model.kind in set(ProviderKind)
        if model.habits.retires_on:
            assert date.fromisoformat(model.habits.retires_on).year >= 2026
        read, written = model.habits.eur_per_million_read, model.habits.eur_per_million_written
        assert (read is None) == (written is None)
        assert read is None or written is None or 0 < read <= written


def test_an_entry_without_a_name_is_refused(tmp_path):
    file = tmp_path / "providers.toml"
    file.write_text('eur_per_usd = 0.9\n[[models]]\nkind = "openai"\n')

    with pytest.raises(InvalidValueError, match="name"):
        read_known_models(file)
