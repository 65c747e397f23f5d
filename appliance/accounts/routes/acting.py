"""Who acts on other people's accounts, as a request tells, and under which address they do."""

from typing import Annotated

from fastapi import Depends, Request

from appliance.accounts.acting import Actor
from appliance.accounts.one_time_codes import GivenOut
from appliance.accounts.qr import qr_svg
from appliance.accounts.schemas.others import CodeOut
from appliance.base.identity import Identity
from appliance.base.web.addresses import is_loopback
from appliance.base.web.identity import ConfirmedAdmin, SignedInAdmin


def actor_of(request: Request, identity: Identity) -> Actor:
    """Return who acts."""
    address = request.client.host if request.client else None
    return Actor(identity.user_id, identity.name, address)


async def _administrator(request: Request, identity: SignedInAdmin) -> Actor:
    return actor_of(request, identity)


async def _confirmed_administrator(request: Request, identity: ConfirmedAdmin) -> Actor:
    return actor_of(request, identity)


Administrator = Annotated[Actor, Depends(_administrator)]
# For what a stolen session must not do.
ConfirmedAdministrator = Annotated[Actor, Depends(_confirmed_administrator)]


class _Address:
    """Under which address somebody has this box open, so that links lead there."""

    def __init__(self, request: Request) -> None:
        # The door has checked that `Host` is a name of this box.
        self._origin = f"{request.url.scheme}://{request.url.netloc}"
        host = request.url.hostname or ""
        self._is_loopback = host == "localhost" or is_loopback(host)

    def shown(self, given: GivenOut) -> CodeOut:
        """Return a code as it travels, once."""
        url = f"{self._origin}/#/join?code={given.text}"
        return CodeOut(
            code=given.text,
            url=url,
            qr_svg=qr_svg(url),
            expires_at=given.code.expires_at,
            hint_loopback=self._is_loopback,
        )


LinkAddress = Annotated[_Address, Depends()]
