"""What models and engine look like on the wire (docs/api.md, "Models and the box")."""

from pydantic import BaseModel, ConfigDict, Field

from appliance.engine.library.model import DEMO_NAME, DEMO_TITLE
from appliance.engine.text.port import EngineState, Speed


class SpeedOut(BaseModel):
    """What was measured of the model on this box; a typical turn reads 600 tokens, writes 150."""

    repacks: bool
    turn_s: float | None
    turn_repacked_s: float | None
    step_s: list[tuple[int, float]]


class EngineOut(BaseModel):
    """How the text engine is."""

    status: str
    model: str | None
    model_title: str | None
    is_demo: bool
    detail: str
    load_percent: int
    running: int
    waiting: int
    context_tokens: int
    tokens_per_s: float | None
    processor_code: str
    speed: SpeedOut | None
    stays_here: bool = Field(description="Whether nobody but this box may see questions.")


class InstalledModelOut(BaseModel):
    """A model on this box."""

    name: str
    title: str
    file: str
    size_bytes: int
    is_demo: bool
    is_current: bool
    bad_reason: str | None
    problem: str
    parent_name: str
    parameter_size: str
    quantization: str
    context_tokens: int
    capabilities: list[str]
    licence: str
    is_removable: bool


class CatalogueEntryOut(BaseModel):
    """A model that can be got."""

    name: str
    title: str
    parameters_b: float
    size_bytes: int
    licence: str
    licence_text: str
    allows_commercial_use: bool
    languages: list[str]
    ram_8k_bytes: int | None
    fits: bool
    recommended: bool
    repository: str
    file: str
    notes: str


class ModelsOut(BaseModel):
    """All models: here, and to be had."""

    installed: list[InstalledModelOut]
    catalogue: list[CatalogueEntryOut]
    memory_total_bytes: int
    models_folder_hint: str


class ChoiceIn(BaseModel):
    """Which model is wanted."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=200)


def _speed_out(speed: Speed) -> SpeedOut:
    return SpeedOut(
        repacks=speed.repacks,
        turn_s=speed.turn_s,
        turn_repacked_s=speed.turn_repacked_s,
        step_s=list(speed.step_s),
    )


def engine_out(state: EngineState, *, stays_here: bool) -> EngineOut:
    """Return how the engine is, as it is told."""
    return EngineOut(
        status=state.status.value,
        model=state.model,
        model_title=DEMO_TITLE if state.model == DEMO_NAME else state.model,
        is_demo=state.model == DEMO_NAME,
        detail=state.detail,
        load_percent=state.load_percent,
        running=state.running,
        waiting=state.waiting,
        context_tokens=state.context_tokens,
        tokens_per_s=state.tokens_per_s,
        processor_code=state.processor_code,
        speed=None if state.speed is None else _speed_out(state.speed),
        stays_here=stays_here,
    )
