"""The two families of errors; a class's name is its retry contract (state machines and queues match on it).

`Rejected`: the caller can mend it. Shown to them, never retried.
`Unavailable`: the world is at fault. Retried, then set aside and counted.
Any other exception is our bug and flies.
"""


class KoshaError(Exception):
    """Root of both families; never raised itself."""


class Rejected(KoshaError):
    """The caller can mend it. `code` is the wire's word for it, `status` its HTTP number."""

    code = "bad_request"
    status = 400


class Invalid(Rejected):
    """A value is outside what the protocol allows; `errors` lists (path, message) for forms."""

    status = 422

    def __init__(self, message: str, errors: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(message)
        self.errors = errors


class Unauthorized(Rejected):
    """Nobody is signed in, or the sign-in has expired or been revoked."""

    code = "unauthorized"
    status = 401


class Forbidden(Rejected):
    """The object is known to the caller, but the grant is too low for the verb."""

    code = "unauthorized"
    status = 403


class NotFound(Rejected):
    """No such thing, or not the caller's to know of."""

    code = "not_found"
    status = 404

    def __init__(self, kind: str, id: str) -> None:
        super().__init__(f"No {kind} {id!r}. It may have been deleted, or it is not shared with you; reload the list.")


class Conflict(Rejected):
    """The thing is not in a state that allows this."""

    status = 409


class TooLarge(Rejected):
    """More bytes, characters or tokens than the limit."""

    code = "too_long"
    status = 413


class TooCostly(Rejected):
    """Reading a file takes more time or memory than one may have here; another place may give it more."""


class UnsupportedType(Rejected):
    """A kind of file that this version does not read."""

    status = 415


class TooManyRequests(Rejected):
    """Throttled; `retry_after_seconds` tells when to come back."""

    code = "rate_limited"
    status = 429

    def __init__(self, message: str, retry_after_seconds: int) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class NotInThisVersion(Rejected):
    """A promise of the protocol that this version does not keep yet, and says so."""

    status = 501


class Cancelled(Rejected):
    """The work was stopped on a person's wish."""

    status = 409


class Unavailable(KoshaError):
    """The world is at fault: a database, a model, a network. Retried within bounds."""

    code = "internal"
    status = 503


class ModelUnavailable(Unavailable):
    """The model's provider refused, timed out or broke off."""

    code = "model_unavailable"

    def __init__(self, message: str, retry_after_ms: int | None = None) -> None:
        super().__init__(message)
        self.retry_after_ms = retry_after_ms


class SiteUnavailable(Unavailable):
    """A web server is away, too slow, or broke off."""


class LostLease(Unavailable):
    """Somebody else holds the turn now: stop at once and write nothing more."""
