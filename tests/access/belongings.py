"""What somebody has on a box, of each kind that an address can name."""

from collections.abc import Mapping

import httpx

from tests.access.callers import Headers
from tests.e2e.streams import events_of
from tests.servers.nodo import Nodo


def belongings_of(nodo: Nodo, client: httpx.Client, headers: Headers) -> Mapping[str, str]:
    """Return the ids of a person's things, by the name of the parameter that names them."""
    with client.stream(
        "POST", f"{nodo.url}/chat", json={"message": "Hola"}, headers=headers
    ) as answer:
        said = next(iter(events_of(answer))).data
    file = {"file": ("nota.txt", b"una nota", "text/plain")}
    uploaded = client.post(f"{nodo.url}/files", files=file, headers=headers)
    sessions = client.get(f"{nodo.url}/auth/sessions", headers=headers)
    key = client.post(
        f"{nodo.url}/auth/keys", json={"name": "mía", "scopes": ["chat"]}, headers=headers
    )
    return {
        "conversation_id": str(said["conversation_id"]),
        "message_id": str(said["message_id"]),
        "file_id": uploaded.raise_for_status().json()["id"],
        "session_id": sessions.raise_for_status().json()["items"][0]["id"],
        "key_id": key.raise_for_status().json()["id"],
    }


def are_all_there(
    nodo: Nodo, client: httpx.Client, headers: Headers, things: Mapping[str, str]
) -> bool:
    """Return whether a person still has all of them."""
    addresses = [
        f"/conversations/{things['conversation_id']}/messages",
        f"/files/{things['file_id']}",
    ]
    answers = [client.get(nodo.url + address, headers=headers) for address in addresses]
    sessions = client.get(f"{nodo.url}/auth/sessions", headers=headers)
    keys = client.get(f"{nodo.url}/auth/keys", headers=headers)
    return (
        all(answer.status_code == 200 for answer in answers)
        and things["session_id"] in sessions.text
        and things["key_id"] in keys.text
        and things["message_id"] in answers[0].text
    )
