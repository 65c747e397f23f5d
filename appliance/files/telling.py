"""News of a file, for the tabs of the person who gave it."""

from appliance.base.events import Events
from appliance.base.live.model import LiveEvent, ToUser
from appliance.files.model import StoredFile


def tell(events: Events, file: StoredFile) -> None:
    """Tell how far the file is; after the commit."""
    data = {
        "id": file.id,
        "state": file.state.value,
        "pages": file.pages,
        "pages_done": file.pages_done,
        "tokens": file.tokens,
        "code": None if file.fault is None else file.fault.code,
    }
    events.publish(LiveEvent(ToUser(file.owner_id), "file", data))
