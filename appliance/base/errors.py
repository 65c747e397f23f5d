"""The errors that Nodo raises itself: what happened, which value, what to do."""

from typing import ClassVar


class ApplianceError(Exception):
    """Something went wrong that a person can be told about.

    Attributes:
        status: HTTP status that this becomes at a door.
        code: Stable name for support, logs and translations, in snake_case.
        hint: What to do about it; may be empty.
        fields: Further facts for the answer (JSON values), such as `retry_after_s`.
    """

    status: ClassVar[int] = 500
    code: str = "internal_error"

    def __init__(
        self, message: str, *, hint: str = "", code: str | None = None, **fields: object
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.fields = fields
        if code is not None:
            self.code = code


class InvalidValueError(ApplianceError):
    """A value is outside what is allowed."""

    status = 422
    code = "invalid_value"


class BadRequestError(ApplianceError):
    """The request cannot be understood."""

    status = 400
    code = "bad_request"


class UnauthenticatedError(ApplianceError):
    """Nobody is signed in, or the sign-in has ended."""

    status = 401
    code = "not_signed_in"


class ForbiddenError(ApplianceError):
    """The person is known, but may not do this."""

    status = 403
    code = "forbidden"


class NotFoundError(ApplianceError):
    """There is no such thing, or it belongs to somebody else."""

    status = 404
    code = "not_found"


class ConflictError(ApplianceError):
    """The thing is in a state that does not allow this."""

    status = 409
    code = "conflict"


class TooLargeError(ApplianceError):
    """More bytes than the route takes."""

    status = 413
    code = "too_large"


class TooManyRequestsError(ApplianceError):
    """A limit per person or address is used up; `retry_after_s` tells when it opens."""

    status = 429
    code = "too_many_requests"


class UnavailableError(ApplianceError):
    """A part that is needed does not work right now."""

    status = 503
    code = "unavailable"


class EngineUnavailableError(UnavailableError):
    """The text engine cannot answer."""

    code = "engine_unavailable"


class StorageFullError(ApplianceError):
    """The disk is full; reading goes on, writing does not."""

    status = 507
    code = "storage_full"


class DatabaseDamagedError(ApplianceError):
    """The database file is damaged or gone; the program does not start with it."""

    status = 500
    code = "database_damaged"


class SettingError(ApplianceError):
    """A setting has a value that is refused; the program does not start with it."""

    status = 500
    code = "bad_setting"
