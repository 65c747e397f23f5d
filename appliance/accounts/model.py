"""Who has an account, what a sign-in is, and the pure rules of both."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from appliance.accounts.common_passwords import is_common
from appliance.base.errors import InvalidValueError

LANGUAGES = ("es", "en")
LONGEST_EMAIL = 254
LONGEST_NAME = 100
SHORTEST_PASSWORD, LONGEST_PASSWORD = 8, 256

ACCESS_LIFETIME = timedelta(minutes=30)
SESSION_LIFETIME = timedelta(days=7)
# Two tabs, or a retry after a lost answer, may present the token that was just replaced.
REFRESH_GRACE = timedelta(seconds=10)
# So long after a password nobody is asked for it again, whatever they do.
CONFIRMED_FOR = timedelta(minutes=15)

_PRODUCT_WORDS = ("nodo", "nodo-appliance", "appliance")
# A word of one's own with a few letters or a date behind it is tried early; with more it is not.
_ENOUGH_BESIDE_WORDS = 5
_ENOUGH_DIGITS_AND_SIGNS = 9
_SHORTEST_WORD = 3
_EMAIL_SHAPE = re.compile(r"[^\s@<>()\[\],;:\\\"]{1,64}@[^\s@<>()\[\],;:\\\"]{1,253}")
# Marks that turn the direction of writing can make one name look like another.
_DIRECTION_MARKS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_CONTROLS = frozenset({"Cc", "Cs", "Zl", "Zp"})


Preferences = Mapping[str, str | bool | int | float]


@dataclass(frozen=True)
class User:
    """A person with an account.

    Attributes:
        id: UUIDv7.
        email: As `normalised_email` returns it; unique.
        name: As `checked_name` returns it.
        role: `worker`, `supervisor` or `admin`.
        language: `es` or `en`.
        password_hash: With its scheme's prefix.
        token_version: Grows when access tokens that are out must stop working.
        created_at: When the account was made.
        disabled_at: Since when the person may not sign in; None if they may.
        waiting_since: When they asked for an account that nobody has let in yet; None if
            somebody has.
        password_version: Grows with each new password; devices are known for one of them.
        last_seen_at: When they last signed in or were here with an open sign-in.
        preferences: What they chose for their pages, by name.
        is_owner: Whether the box is theirs.
        mfa_enabled: Whether signing in takes a second factor.
        conversations_may_be_read: Whether administrators may read what people write here.
    """

    id: str
    email: str
    name: str
    role: str
    language: str
    password_hash: str
    token_version: int
    created_at: datetime
    disabled_at: datetime | None = None
    waiting_since: datetime | None = None
    password_version: int = 1
    last_seen_at: datetime | None = None
    preferences: Preferences | None = None
    is_owner: bool = False
    mfa_enabled: bool = False
    conversations_may_be_read: bool = False

    @property
    def may_sign_in(self) -> bool:
        """Return whether somebody has let them in, and nobody has shut them out."""
        return self.disabled_at is None and self.waiting_since is None


@dataclass(frozen=True)
class Session:
    """One sign-in, from login to logout.

    Attributes:
        id: UUIDv7.
        user_id: Whose it is.
        generation: Number of its newest refresh token, from 1.
        created_at: When it began.
        rotated_at: When the newest refresh token was given out.
        expires_at: When it ends by itself, however much it is used.
        ended_at: When it was ended; None if it was not.
        confirmed_at: When the person last proved by a password that it is them.
        last_used_at: When tokens were last given out for it.
        device: What they came with, in a few words, such as `Firefox · Linux`.
        address: From where they came.
    """

    id: str
    user_id: str
    generation: int
    created_at: datetime
    rotated_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None
    confirmed_at: datetime | None = None
    last_used_at: datetime | None = None
    device: str = ""
    address: str = ""


class RefreshDecision(Enum):
    """What to do with an authentic refresh token."""

    ROTATE = auto()  # it is the newest: its successor is given out
    REPEAT = auto()  # its successor was given out a moment ago: the same one again
    REVOKE = auto()  # it was replaced before that: somebody has a copy, the session ends
    REFUSE = auto()  # the session had ended already


def refresh_decision(session: Session, *, generation: int, now: datetime) -> RefreshDecision:
    """Return what happens to a refresh token of this session.

    Args:
        session: As the database has it.
        generation: Number of the token that came, from a token whose seal is right.
        now: The wall time.
    """
    if session.ended_at is not None or now >= session.expires_at:
        return RefreshDecision.REFUSE
    if generation == session.generation:
        return RefreshDecision.ROTATE
    # Either sign: the clock may have been set back in between.
    is_recent = abs(now - session.rotated_at) <= REFRESH_GRACE
    if generation == session.generation - 1 and is_recent:
        return RefreshDecision.REPEAT
    # A generation that the database does not know yet comes from before a restored backup.
    return RefreshDecision.REVOKE


def is_confirmed(confirmed_at: datetime | None, now: datetime) -> bool:
    """Return whether somebody who proved then that it is them need not do so again."""
    # A clock that was set back must not make a proof last.
    return confirmed_at is not None and timedelta(0) <= now - confirmed_at < CONFIRMED_FOR


def normalised_email(text: str) -> str:
    """Return the one spelling of an e-mail address, by which accounts are found.

    Raises:
        InvalidValueError: If it does not look like an address.
    """
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFD", text.strip()).casefold())
    email = folded.strip()
    if len(email) > LONGEST_EMAIL:
        raise _refused("email", f"The e-mail address is longer than {LONGEST_EMAIL} characters.")
    domain = email.rpartition("@")[2]
    if (
        not _EMAIL_SHAPE.fullmatch(email)
        or _has_controls(email)
        or ".." in email
        or domain.startswith((".", "-"))
        or domain.endswith((".", "-"))
    ):
        raise _refused(
            "email",
            "This does not look like an e-mail address.",
            hint="It has one @ and no spaces, such as ana@example.com.",
        )
    return email


def checked_name(text: str) -> str:
    """Return a person's name without space around it.

    Raises:
        InvalidValueError: If it is empty, too long, or has characters that cannot be shown.
    """
    name = text.strip()
    if not 1 <= len(name) <= LONGEST_NAME:
        raise _refused(
            "name", f"The name has {len(name)} characters; allowed are 1 to {LONGEST_NAME}."
        )
    if _has_controls(name):
        raise _refused("name", "The name has a control character; allowed is text on one line.")
    return name


def checked_language(text: str) -> str:
    """Return the language if the interface speaks it.

    Raises:
        InvalidValueError: If it does not.
    """
    if text not in LANGUAGES:
        raise _refused("language", f"The language is {text[:20]!r}; allowed are 'es' and 'en'.")
    return text


def check_password(password: str, *, email: str, name: str, field: str = "password") -> None:
    """Let a new password pass that is long enough and not easily guessed.

    There are no rules of composition: length is what helps.

    Args:
        password: As it was typed; spaces count.
        email: Of the person, normalised.
        name: Of the person.
        field: How the request calls it.

    Raises:
        InvalidValueError: If it is refused; says what is allowed, never the password.
    """
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise _refused(
            field,
            f"The password has {len(password)} characters; "
            f"allowed are {SHORTEST_PASSWORD} to {LONGEST_PASSWORD}.",
            hint="Several words in a row are long and easy to remember.",
            code="password_length",
        )
    if not _is_unicode(password):
        raise _refused(
            field,
            "The password has half a character; type it again.",
            code="password_invalid",
        )
    if is_common(password):
        raise _refused(
            field,
            "This password is one of those that are tried first; any other is allowed.",
            hint="Several words in a row that do not belong together are hard to guess.",
            code="password_common",
        )
    if _is_made_of(password, _own_words(email, name)):
        raise _refused(
            field,
            "The password is little more than your name, your e-mail address or the product's "
            "name; with a few words more it is allowed.",
            hint="Add words that have nothing to do with you or with this box.",
            code="password_personal",
        )


def _own_words(email: str, name: str) -> set[str]:
    local, _, domain = email.partition("@")
    pieces = [*re.split(r"[\W_]+", f"{local} {domain.partition('.')[0]} {name}"), *_PRODUCT_WORDS]
    whole = [email, local, domain, name.replace(" ", "")]
    return {word.casefold() for word in [*pieces, *whole] if len(word) >= _SHORTEST_WORD}


def _is_made_of(password: str, words: Iterable[str]) -> bool:
    rest = password.casefold()
    for word in sorted(words, key=lambda word: (-len(word), word)):
        rest = rest.replace(word, "")
    has_letters = any(character.isalpha() for character in rest)
    enough = _ENOUGH_BESIDE_WORDS if has_letters else _ENOUGH_DIGITS_AND_SIGNS
    return rest != password.casefold() and len(rest.strip()) < enough


def _has_controls(text: str) -> bool:
    return any(
        unicodedata.category(character) in _CONTROLS or character in _DIRECTION_MARKS
        for character in text
    )


def _is_unicode(text: str) -> bool:
    return not any(unicodedata.category(character) == "Cs" for character in text)


def _refused(field: str, message: str, *, hint: str = "", code: str = "") -> InvalidValueError:
    return InvalidValueError(message, hint=hint, code=code or f"{field}_invalid", field=field)
