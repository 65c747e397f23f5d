"""Licences that somebody must have read before their model is fetched."""

from appliance.base.errors import ConflictError
from appliance.engine.catalogue import CatalogueEntry
from appliance.engine.download.sources import entry_behind


def refuse_unread(
    catalogue: tuple[CatalogueEntry, ...], name: str, *, accepts_licence: bool
) -> None:
    """Do nothing, unless a model's licence forbids work for money and nobody has accepted that.

    Raises:
        ConflictError: If so (`licence_not_accepted`).
    """
    entry = entry_behind(catalogue, name)
    if entry is None or entry.allows_commercial_use or accepts_licence:
        return
    raise ConflictError(
        f"{entry.title} is under the licence {entry.licence}: {entry.licence_text}",
        code="licence_not_accepted",
        hint="Send accepts_licence once somebody who may decide it has read that.",
    )
