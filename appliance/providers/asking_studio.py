"""LM Studio's models, loaded and unloaded from here."""

from collections.abc import Callable

from appliance.base.errors import NotFoundError, UnavailableError
from appliance.engine.providers import lm_studio
from appliance.engine.providers.lm_studio import Questions, Studio
from appliance.engine.providers.model import Provider, ProviderFaultError, ProviderKind, Roster


class AskingStudio:
    """What administrators do with LM Studio.

    Args:
        wire: Returns the way to providers.
        roster: Returns who they are.
    """

    def __init__(self, wire: Callable[[], Questions], roster: Callable[[], Roster]) -> None:
        self._wire = wire
        self._roster = roster

    async def look(self, provider_id: str | None) -> Studio:
        """Return what there is.

        Raises:
            NotFoundError: If no LM Studio is among the providers.
            UnavailableError: If it does not answer.
        """
        provider = self._provider(provider_id)
        try:
            return await lm_studio.look_at(self._wire(), provider)
        except ProviderFaultError as failure:
            raise _unavailable(provider, failure) from failure

    async def load(self, provider_id: str | None, model: str, *, context_tokens: int | None) -> str:
        """Return the id of the model's copy in memory.

        Raises:
            NotFoundError: If no LM Studio is among the providers.
            ConflictError: If this LM Studio cannot be told to.
            UnavailableError: If it does not answer, or cannot load it.
        """
        provider = self._provider(provider_id)
        try:
            return await lm_studio.load(
                self._wire(), provider, model, context_tokens=context_tokens
            )
        except ProviderFaultError as failure:
            raise _unavailable(provider, failure) from failure

    async def unload(self, provider_id: str | None, instance_id: str) -> None:
        """Take a copy of a model out of memory; errors as of `load`."""
        provider = self._provider(provider_id)
        try:
            await lm_studio.unload(self._wire(), provider, instance_id)
        except ProviderFaultError as failure:
            raise _unavailable(provider, failure) from failure

    def _provider(self, provider_id: str | None) -> Provider:
        studios = (one for one in self._roster().providers if one.kind is ProviderKind.LM_STUDIO)
        for provider in studios:
            if provider_id in {None, provider.id}:
                return provider
        raise NotFoundError(
            "No LM Studio of that name is among the providers.",
            hint="Add it under /api/providers, with the kind lm_studio.",
        )


def _unavailable(provider: Provider, failure: ProviderFaultError) -> UnavailableError:
    return UnavailableError(
        f"{provider.name} did not do it: {failure.detail}.",
        hint="Is LM Studio running, with its server switched on, and does the model exist?",
        code="lm_studio_unavailable",
        fault=failure.fault.value,
    )
