"""The models of this box as `/v1/models` lists them, for OpenAI's and Anthropic's clients at once."""

from collections.abc import Sequence

from appliance.engine.library.model import LibraryModel


def model_entry(model: LibraryModel) -> dict[str, object]:
    """Return one model; the members of both interfaces stand side by side."""
    return {
        "id": model.name,
        "object": "model",
        "created": int(model.modified_at.timestamp()),
        "owned_by": "library",
        "type": "model",
        "display_name": model.title,
        "created_at": model.modified_at.isoformat().replace("+00:00", "Z"),
        "context_length": model.context_tokens,
        "capabilities": [capability.value for capability in model.capabilities],
    }


def model_list(models: Sequence[LibraryModel]) -> dict[str, object]:
    """Return all models."""
    entries = [model_entry(model) for model in models]
    return {
        "object": "list",
        "data": entries,
        "has_more": False,
        "first_id": entries[0]["id"] if entries else None,
        "last_id": entries[-1]["id"] if entries else None,
    }
