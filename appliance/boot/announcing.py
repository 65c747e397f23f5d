"""What the person who starts Nodo reads in the terminal, in both languages."""

from collections.abc import Mapping
from typing import TextIO

_TEXTS: Mapping[str, Mapping[str, str]] = {
    "es": {
        "address": "Nodo {version}: {address}",
        "code": "Primera vez: abre {address}/#code={code}\n"
        "Código de un solo uso: {code} (vale 30 minutos)",
        "headless": "No hay pantalla: Nodo solo sirve las páginas. Ábrelas en un navegador.",
        "ready": "Listo. Ctrl-C lo detiene.",
        "stopping": "Deteniendo…",
        "warning": "Aviso: {text}",
    },
    "en": {
        "address": "Nodo {version}: {address}",
        "code": "First time: open {address}/#code={code}\n"
        "One-time code: {code} (valid for 30 minutes)",
        "headless": "There is no display: Nodo only serves its pages. Open them in a browser.",
        "ready": "Ready. Ctrl-C stops it.",
        "stopping": "Stopping…",
        "warning": "Warning: {text}",
    },
}


class Announcer:
    """Prints a few lines, complete at once, for people and for scripts that wait for them."""

    def __init__(self, language: str, out: TextIO) -> None:
        self._texts = _TEXTS[language]
        self._out = out
        self._address = ""

    def address(self, version: str, address: str) -> None:
        """Say where Nodo answers."""
        self._address = address
        self._say("address", version=version, address=address)

    def setup_code(self, code: str) -> None:
        """Say how the first person gets in."""
        self._say("code", code=code, address=self._address)

    def ready(self, *, has_display: bool, opens_browser: bool) -> None:
        """Say that it serves."""
        if opens_browser and not has_display:
            self._say("headless")
        self._say("ready")

    def stopping(self) -> None:
        """Say that it is ending."""
        self._say("stopping")

    def warnings(self, texts: tuple[str, ...]) -> None:
        """Say what looks like a mistake in the settings."""
        for text in texts:
            # Some end with a question: did you mean …?
            self._say("warning", text=text if text.endswith("?") else f"{text}.")

    def _say(self, what: str, **values: str) -> None:
        print(self._texts[what].format(**values), file=self._out, flush=True)
