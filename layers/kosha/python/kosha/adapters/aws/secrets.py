"""Secrets, asked for once in five minutes."""

import json
import time
from collections.abc import Callable
from typing import Any, Protocol

from kosha.adapters.aws.errors import told_as_ours
from kosha.adapters.aws.remembered import Remembered

_FRESH_SECONDS = 300.0
_USABLE_SECONDS = 3600.0  # a secret is seldom rotated, and nothing works without it


class SecretsClient(Protocol):
    """`boto3.client("secretsmanager")`."""

    def get_secret_value(self, **request: Any) -> dict[str, Any]: ...


class SecretsManager:
    """Secrets by ARN. While Secrets Manager is busy or away, what it said in the last hour holds; then Unavailable."""

    def __init__(self, client: SecretsClient, *, clock: Callable[[], float] = time.time) -> None:
        self._client = client
        self._texts = Remembered(self._read, fresh_seconds=_FRESH_SECONDS, usable_seconds=_USABLE_SECONDS, clock=clock)

    def get(self, arn: str, *, fresh: bool = False) -> str:
        """Its text. fresh: as it is now, for who was refused with the one kept."""
        return self._texts.refresh(arn) if fresh else self._texts.get(arn)

    def get_json(self, arn: str, *, fresh: bool = False) -> dict[str, Any]:
        """What its text says. Raises ValueError where it is no JSON."""
        return json.loads(self.get(arn, fresh=fresh))

    def _read(self, arn: str) -> str:
        with told_as_ours("read a secret"):
            return str(self._client.get_secret_value(SecretId=arn)["SecretString"])
