"""How the one who asks wants its tokens: a program in JSON, a browser in a cookie."""

from typing import Annotated

from fastapi import Cookie, Depends, Header, Request, Response

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
        self._is_https = request.url.scheme == "https"
        self._response = response

    def answered(self, signed_in: SignedInUser) -> TokensOut:
        """Return the answer to a sign-in; a browser gets its cookie with it."""
        self._response.headers["Cache-Control"] = "no-store"
        if self.is_browser:
            self._response.set_cookie(
                COOKIE,
                signed_in.refresh_token,
                max_age=signed_in.session_valid_s,
                path="/",
                secure=self._is_https,
                httponly=True,
                samesite="strict",
            )
        return tokens_out(signed_in, by_cookie=self.is_browser)

    def signed_out(self) -> None:
        """Take the cookie away."""
        self._response.delete_cookie(
            COOKIE, path="/", secure=self._is_https, httponly=True, samesite="strict"
        )


RefreshCookie = Annotated[str | None, Cookie(alias=COOKIE)]
AskingClient = Annotated[Client, Depends()]
