"""The first reply to a creating call, given again for the same `Idempotency-Key` (24 hours)."""

import hashlib
import re
from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.event_handler import Response

from kosha.api import problems
from kosha.api.bodies import text_of
from kosha.api.call import Call
from kosha.api.replies import json_reply, problem_reply
from kosha.errors import Invalid, Rejected
from kosha.ports import StoredReply

_KEY = re.compile(r"[\x21-\x7e]{1,200}")
# These say that the call may be made again as it is, so their replies are not the last word.
_NOT_KEPT = (401, 409, 429)


def once(call: Call, work: Callable[[], Response[Any]]) -> Response[Any]:
    """The reply of `work`, which runs once for a caller and a key; without a key every time.

    Raises Conflict while the first call is still running, Invalid for a key that was used for another request.
    """
    key = call.headers.get("idempotency-key")
    if key is None:
        return work()
    if not _KEY.fullmatch(key):
        message = "is 1 to 200 visible ASCII characters, such as a UUID"
        raise Invalid(f"Idempotency-Key {message}.", (("Idempotency-Key", message),))
    user_id = call.caller.user.id
    stored = call.ports.replies.begin(user_id, key, _digest(call))
    if stored is not None:
        return json_reply(stored.status, stored.body)
    is_kept = False
    try:
        try:
            response = work()
        except Rejected as error:
            response = problem_reply(problems.of_error(error, call.trace_id))
        if response.status_code < 500 and response.status_code not in _NOT_KEPT:
            call.ports.replies.keep(user_id, key, StoredReply(response.status_code, str(response.body)))
            is_kept = True
        return response
    finally:
        if not is_kept:
            call.ports.replies.forget(user_id, key)


def _digest(call: Call) -> str:
    return hashlib.sha256(f"{call.method} {call.path}\n{text_of(call.event)}".encode()).hexdigest()
