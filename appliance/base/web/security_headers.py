"""What every answer tells the browser to refuse."""

from collections.abc import Mapping

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Everything comes from the box itself; no inline script or style, no frame, no foreign form.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; "
    "script-src 'self'; "
    "style-src 'self'; "
    "img-src 'self' data: blob:; "
    "media-src 'self' blob:; "
    "connect-src 'self'; "
    "font-src 'self'; "
    "frame-ancestors 'none'; "
    "base-uri 'none'; "
    "form-action 'self'"
)
SECURITY_HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    # The microphone is for recordings, the clipboard for the copy buttons.
    "Permissions-Policy": (
        "camera=(), display-capture=(), geolocation=(), payment=(), usb=(), serial=(), "
        "microphone=(self), clipboard-write=(self)"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_STARTS = frozenset({"http.response.start", "websocket.http.response.start"})
_NO_STORE = (b"cache-control", b"no-store")


class SecurityHeaderLayer:
    """Adds the security headers to every answer, errors and files included."""

    def __init__(self, app: ASGIApp, extra: Mapping[str, str]) -> None:
        self._app = app
        self._headers = tuple(
            (name.lower().encode("ascii"), value.encode("ascii"))
            for name, value in {**SECURITY_HEADERS, **extra}.items()
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and complete the start of its answer."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return

        async def completing_send(message: Message) -> None:
            if message["type"] in _STARTS:
                headers = [*message.get("headers", ()), *self._headers]
                # Answers are about one person, unless the route knows better.
                if not any(name.lower() == b"cache-control" for name, _ in headers):
                    headers.append(_NO_STORE)
                message["headers"] = headers
            await send(message)

        await self._app(scope, receive, completing_send)
