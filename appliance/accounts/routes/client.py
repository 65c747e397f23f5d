"""How the one who asks wants its tokens: a program in JSON, a browser in a cookie."""

from typing import Annotated

from fastapi import Cookie, Depends, Header, Request, Response

from appliance.accounts.devices import COOKIE as DEVICE_COOKIE
from appliance.accounts.devices import KNOWN_FOR, Visitor, device_words
from appliance.accounts.schemas.sign_in import TokensOut, tokens_out
from appliance.accounts.sessions import SignedInUser

COOKIE = "nodo_refresh"
CLIENT_HEADER = "X-Nodo-Client"
BROWSER = "ui"


class Client:
    """Who sent this request, and how to hand tokens back."""

    def __init__(
        self,
        request: Request,
        response: Response,
        x_nodo_client: Annotated[str | None, Header(alias=CLIENT_HEADER)] = None,
    ) -> None:
        self.is_browser = x_nodo_client == BROWSER
        self.visitor = Visitor(
            address=request.client.host if request.client else None,
            device=device_words(request.headers.get("user-agent", "")),
            device_cookie=request.cookies.get(DEVICE_COOKIE, ""),
        )
        self._is_https = request.url.scheme == "https"
        self._response = response

    def answered(self, signed_in: SignedInUser) -> TokensOut:
        """Return the answer to a sign-in; a browser gets its cookie with it."""
        self._response.headers["Cache-Control"] = "no-store"
        if self.is_browser:
            self._keep(COOKIE, signed_in.refresh_token, max_age_s=signed_in.session_valid_s)
            if signed_in.device_cookie is not None:
                max_age_s = int(KNOWN_FOR.total_seconds())
                self._keep(DEVICE_COOKIE, signed_in.device_cookie, max_age_s=max_age_s)
        return tokens_out(signed_in, by_cookie=self.is_browser)

    def signed_out(self) -> None:
        """Take the cookie away."""
        self._response.delete_cookie(
            COOKIE, path="/", secure=self._is_https, httponly=True, samesite="strict"
        )

    def _keep(self, name: str, value: str, *, max_age_s: int) -> None:
        self._response.set_cookie(
            name,
            value,
            max_age=max_age_s,
            path="/",
            secure=self._is_https,
            httponly=True,
            samesite="strict",
        )


RefreshCookie = Annotated[str | None, Cookie(alias=COOKIE)]
AskingClient = Annotated[Client, Depends()]
