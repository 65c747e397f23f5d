"""Answers kept in Redis, sealed: who looks into it learns neither questions nor answers."""

import json
import logging
from dataclasses import asdict

from redis import asyncio as redis
from redis.exceptions import RedisError

from appliance.base.errors import UnavailableError
from appliance.base.sealing import Sealer
from appliance.base.secret import Secret
from appliance.engine.providers.answer_cache import KeptAnswer

log = logging.getLogger(__name__)

_PREFIX = "nodo:answer:"
# A slow store would cost every question more than repeats gain.
_PATIENCE_S = 0.5


class RedisStore:
    """Keeps answers in Redis; while it cannot be reached, nothing is found and nothing fails.

    Args:
        url: Address of the server.
        sealer: Seals what is kept, for its key.
    """

    def __init__(self, url: Secret, sealer: Sealer) -> None:
        # As the settings write it; the driver has another word for a socket.
        address = url.reveal().replace("redis+unix://", "unix://", 1)
        self._redis = redis.Redis.from_url(
            address, socket_timeout=_PATIENCE_S, socket_connect_timeout=_PATIENCE_S
        )
        self._sealer = sealer

    async def find(self, key: str) -> KeptAnswer | None:
        """Return what is kept; see `AnswerStore`."""
        try:
            sealed = await self._redis.get(_PREFIX + key)
        except RedisError as error:
            log.warning("kept answers are out of reach", extra={"error": type(error).__name__})
            return None
        if not isinstance(sealed, bytes):
            return None
        try:
            opened = self._sealer.opened(sealed.decode("ascii"), purpose=_purpose(key))
            return KeptAnswer(**json.loads(opened.reveal()))
        except (UnavailableError, UnicodeDecodeError, ValueError, TypeError):
            # Somebody else's, of another box or version: as good as none.
            return None

    async def keep(self, key: str, answer: KeptAnswer, *, for_s: float) -> None:
        """Keep an answer; see `AnswerStore`."""
        text = Secret(json.dumps(asdict(answer)))
        sealed = self._sealer.sealed(text, purpose=_purpose(key))
        try:
            await self._redis.set(_PREFIX + key, sealed, px=max(int(for_s * 1000), 1))
        except RedisError as error:
            log.warning("an answer was not kept", extra={"error": type(error).__name__})

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()


def _purpose(key: str) -> str:
    return f"kept answer {key}"
