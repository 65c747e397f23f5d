"""The passwords that are tried first: from leaks, and those of Spanish offices."""

from importlib.resources import files

# One on each line, of eight characters and more (tools/make_common_passwords.py says from where).
# As bytes, which take a tenth of the memory of a set, and are searched in microseconds.
_LISTED = b"\n" + files("appliance.accounts").joinpath("common_passwords.txt").read_bytes()


def is_common(password: str) -> bool:
    """Return whether a password is one of those, in capital letters or small ones."""
    line = password.casefold().encode("utf-8", errors="surrogatepass")
    return b"\n" not in line and b"\n" + line + b"\n" in _LISTED
