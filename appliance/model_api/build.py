"""The interfaces for programs, put together."""

from dataclasses import dataclass

from appliance.base.web.dialects import Dialect
from appliance.base.web.limits import BodyLimit, RateRule
from appliance.engine.text.port import TextEngine
from appliance.model_api.anthropic.dialect import ANTHROPIC_DIALECTS
from appliance.model_api.anthropic.routes import anthropic_router
from appliance.model_api.ollama.dialect import DIALECTS as OLLAMA_DIALECTS
from appliance.model_api.ollama.dialect import OLLAMA_DOOR_DIALECTS
from appliance.model_api.ollama.pulling import ModelDownloads
from appliance.model_api.ollama.routes import BODY_LIMITS as OLLAMA_BODY_LIMITS
from appliance.model_api.ollama.routes import RATE_RULES as OLLAMA_RATE_RULES
from appliance.model_api.ollama.routes import mais_router, ollama_router, root_router
from appliance.model_api.openai.dialect import OPENAI_DIALECTS
from appliance.model_api.openai.routes import BODY_LIMITS as OPENAI_BODY_LIMITS
from appliance.model_api.openai.routes import RATE_RULES as OPENAI_RATE_RULES
from appliance.model_api.openai.routes import APIRouter, openai_router
from appliance.model_api.parts import ModelApiParts


@dataclass(frozen=True)
class ModelApi:
    """The interfaces for programs.

    Attributes:
        program_routers: Those of Ollama, OpenAI and Anthropic; every door that lets programs in
            has them.
        own_routers: Further ones, which are Nodo's and MAIS's.
        root_router: What Ollama answers at its root.
        dialects: In whose words problems are told.
        ollama_door_dialects: The same at a door that is Ollama's alone.
        body_limits: How large bodies may be.
        rate_rules: How often may be asked.
    """

    program_routers: tuple[APIRouter, ...]
    own_routers: tuple[APIRouter, ...]
    root_router: APIRouter
    dialects: tuple[Dialect, ...]
    ollama_door_dialects: tuple[Dialect, ...]
    body_limits: tuple[BodyLimit, ...]
    rate_rules: tuple[RateRule, ...]


def build_model_api(
    parts: ModelApiParts, *, downloads: ModelDownloads, chosen: TextEngine
) -> ModelApi:
    """Return the interfaces for programs.

    Args:
        parts: What they work with.
        downloads: Fetches models.
        chosen: Answers where no model is named: whoever the owner wants.
    """
    other_dialects = (*OPENAI_DIALECTS, *ANTHROPIC_DIALECTS)
    return ModelApi(
        program_routers=(
            ollama_router(parts, downloads),
            openai_router(parts),
            anthropic_router(parts),
        ),
        own_routers=(mais_router(parts, chosen),),
        root_router=root_router(),
        dialects=(*OLLAMA_DIALECTS, *other_dialects),
        ollama_door_dialects=(*OLLAMA_DOOR_DIALECTS, *other_dialects),
        # What is under `/v1` is Anthropic's too.
        body_limits=(*OLLAMA_BODY_LIMITS, *OPENAI_BODY_LIMITS),
        rate_rules=(*OLLAMA_RATE_RULES, *OPENAI_RATE_RULES),
    )
