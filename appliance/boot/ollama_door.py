"""The door for programs of this computer that speak Ollama: as Ollama itself, nobody signs in."""

import socket
from collections.abc import Mapping

from fastapi import FastAPI

from appliance.base.identity import Identity, Role, Scope
from appliance.base.web.doors import LOOPBACK_HOSTS, DoorParts, DoorPolicy, protected
from appliance.base.web.problems import install_problem_handlers
from appliance.base.web.server import DoorServer
from appliance.model_api.build import ModelApi

_LOOPBACK = "127.0.0.1"
# As Ollama's own: pages of this computer, and programs that show pages of their own.
_PAGES_OF_PROGRAMS = (
    r"https?://(localhost|127\.0\.0\.1|0\.0\.0\.0)(:\d+)?"
    r"|(app|file|tauri|vscode-webview|vscode-file)://[^\s]*"
)
_LOCAL_NAMES = ("*.localhost", "*.local", "*.internal")
# Whoever is on this computer may do with its models what Ollama lets everybody do; the identity
# has no data of its own, and no other scope.
_PROGRAM = Identity(
    user_id="ollama-door",
    role=Role.ADMIN,
    name="Ollama",
    language="en",
    session_id="ollama-door",
    scopes=frozenset({Scope.MODELS}),
)


class _AnybodyHere:
    """Takes every request for one of a program of this computer, whatever key it sends."""

    async def identify(self, headers: Mapping[str, str]) -> Identity:  # noqa: ARG002 - its port's
        """Return who asks: a program."""
        return _PROGRAM


def ollama_door(
    api: ModelApi,
    parts: DoorParts,
    *,
    port: int,
    origins: tuple[str, ...],
) -> DoorServer | None:
    """Return the door, not yet open; None if the settings keep it closed.

    Args:
        api: The interfaces for programs.
        parts: What doors have in common.
        port: 0 keeps it closed.
        origins: Pages elsewhere that the owner allowed.
    """
    if not port:
        return None
    app = FastAPI(title="Nodo", openapi_url=None, docs_url=None, redoc_url=None)
    app.state.authenticator = _AnybodyHere()
    # No sign-in can end here, so nothing watches for it.
    install_problem_handlers(app)
    for router in (api.root_router, *api.program_routers):
        app.include_router(router)
    policy = DoorPolicy(
        name="ollama",
        allowed_hosts=(*LOOPBACK_HOSTS, *_own_names(), *_LOCAL_NAMES),
        allows_near_addresses=True,
        allowed_origins=origins,
        origin_pattern=_PAGES_OF_PROGRAMS,
        body_limits=api.body_limits,
        # Only this computer comes in, and the engine's queue is bounded.
        rate_rules=(),
        dialects=api.ollama_door_dialects,
    )
    return DoorServer(protected(app, policy, parts), host=_LOOPBACK, port=port)


def _own_names() -> tuple[str, ...]:
    name = socket.gethostname()
    # A name with other characters than host names have cannot stand in a header anyway.
    return (name,) if name.replace("-", "").replace(".", "").isalnum() and name.isascii() else ()
