"""The keyring of this computer: Secret Service, KWallet, macOS Keychain, Windows Credentials."""

from typing import TYPE_CHECKING

from appliance.base.errors import SettingError

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

_SERVICE = "nodo"
# Further packages may add backends that keep secrets in plain files: we would not know.
_OWN_BACKENDS = "keyring.backends."
_NO_KEYRINGS = ("keyring.backends.fail", "keyring.backends.null")


class SystemKeyring:
    """Keeps secrets for the person who runs Nodo; `keyring` is loaded when it is first asked."""

    def find(self, name: str) -> str | None:
        """Return the secret of this name; None if there is none.

        Raises:
            SettingError: If the keyring is locked.
        """
        from keyring.errors import KeyringError  # noqa: PLC0415 - heavy, and rarely needed.

        backend = _safe_backend()
        if backend is None:
            return None
        try:
            return backend.get_password(_SERVICE, name)
        except KeyringError as error:
            raise SettingError(
                "The system's keyring is locked or does not answer.",
                hint="Unlock it (sign in to the desktop), then start Nodo again.",
            ) from error

    def keep(self, name: str, secret: str) -> bool:
        """Return whether the secret is kept from now on; False if there is no keyring."""
        from keyring.errors import KeyringError  # noqa: PLC0415 - see above.

        backend = _safe_backend()
        if backend is None:
            return False
        try:
            backend.set_password(_SERVICE, name, secret)
        except KeyringError:
            # Locked, or refused by the person: a private file serves as well.
            return False
        return True


def _safe_backend() -> "KeyringBackend | None":
    import keyring  # noqa: PLC0415 - see above.
    from keyring.backends.chainer import ChainerBackend  # noqa: PLC0415 - see above.

    chosen = keyring.get_keyring()
    backends = chosen.backends if isinstance(chosen, ChainerBackend) else [chosen]
    for backend in backends:
        module = type(backend).__module__
        if module.startswith(_OWN_BACKENDS) and not module.startswith(_NO_KEYRINGS):
            return backend
    return None
