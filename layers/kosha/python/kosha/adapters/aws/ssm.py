"""Parameters of a deployment, asked for once in five minutes."""

import json
import time
from collections.abc import Callable
from typing import Any, Protocol

from kosha.adapters.aws.errors import told_as_ours
from kosha.adapters.aws.remembered import Remembered

_FRESH_SECONDS = 300.0
_USABLE_SECONDS = 3600.0


class ParametersClient(Protocol):
    """`boto3.client("ssm")`."""

    def get_parameter(self, **request: Any) -> dict[str, Any]: ...


class Parameters:
    """Parameters by name. While Systems Manager is busy or away, what it said in the last hour holds."""

    def __init__(self, client: ParametersClient, *, clock: Callable[[], float] = time.time) -> None:
        self._client = client
        self._texts = Remembered(self._read, fresh_seconds=_FRESH_SECONDS, usable_seconds=_USABLE_SECONDS, clock=clock)

    def get(self, name: str) -> str:
        """Its text. Raises Unavailable."""
        return self._texts.get(name)

    def get_json(self, name: str) -> Any:
        """What its text says. Raises Unavailable, and ValueError where it is no JSON."""
        return json.loads(self.get(name))

    def _read(self, name: str) -> str:
        with told_as_ours("read a setting"):
            return str(self._client.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"])
