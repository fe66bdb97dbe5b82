"""What the ports of a deployment are made of: settings, clients, secrets, the database; each made when asked for."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

from kosha.wiring.aws_settings import AwsSettings

if TYPE_CHECKING:
    from kosha.adapters.aws.secrets import SecretsManager
    from kosha.adapters.postgres.database import Database

T = TypeVar("T")
P = TypeVar("P", bound="AwsParts")
DATABASE_CONNECTIONS = 2  # a function: hundreds of workers must not storm the database
WAKING_SECONDS = 60.0
IDLE_SESSION_SECONDS = 120  # a function that froze with a connection open must not keep the database awake
CONNECT_SECONDS = 3
READ_SECONDS = 10
ATTEMPTS = 3


def kept(make: Callable[[P], T]) -> Callable[[P], T]:
    """A part that is made when it is first asked for, once, whichever thread asks."""
    name = make.__name__

    @wraps(make)
    def ask(ports: P) -> T:
        if name not in ports.made:
            with ports.making:
                if name not in ports.made:
                    ports.made[name] = make(ports)
        return ports.made[name]

    return ask


def kept_with_keys(make: Callable[[P], T]) -> Callable[[P], T]:
    """As `kept`, and made anew when the providers' keys have changed; who holds the old part may go on with it."""
    name, ask_kept = make.__name__, kept(make)

    @wraps(make)
    def ask(ports: P) -> T:
        keys = ports.provider_keys
        with ports.making:
            if ports.keys_of.setdefault(name, keys) != keys:
                ports.keys_of[name] = keys
                ports.made.pop(name, None)
            return ask_kept(ports)

    return ask


class AwsParts:
    """Making it reads and opens nothing.

    waking_seconds: how long a database that sleeps is waited for.
    """

    def __init__(
        self, settings: Callable[[], AwsSettings] = AwsSettings.read, *, waking_seconds: float = WAKING_SECONDS
    ) -> None:
        self._read_settings = settings
        self._waking_seconds = waking_seconds
        self.made: dict[str, Any] = {}
        self.keys_of: dict[str, dict[str, str]] = {}
        self.making = threading.RLock()

    @property
    @kept
    def settings(self) -> AwsSettings:
        """What the stacks told this function."""
        return self._read_settings()

    def now(self) -> datetime:
        """The time in UTC."""
        return datetime.now(UTC)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of a coroutine, on one event loop for as long as the function lives: clients are bound to it."""
        return self._runner.run(work)

    @property
    @kept
    def database(self) -> "Database":
        """Where vectors and words are; one that sleeps is waited for."""
        from kosha.adapters.postgres.database import Database
        from kosha.wiring.aws_database import SignIn

        sign_in = SignIn(self._secrets, self.settings.needed("database_secret"), host=self.settings.database_host)
        database = Database(
            sign_in, connections=DATABASE_CONNECTIONS, patience_seconds=self._waking_seconds, sleeps=True
        )
        database.open()
        return database

    def prepare_database(self) -> int:
        """Bring the schema up to date, and have it put out idle sessions; returns the version it had."""
        from kosha.adapters.postgres.idle import put_out_idle_sessions
        from kosha.adapters.postgres.migrate import migrate

        version = migrate(self.database)
        put_out_idle_sessions(self.database, after_seconds=IDLE_SESSION_SECONDS)
        return version

    @property
    def origin_secret(self) -> str | None:
        """What our edge says with every request; None without an edge."""
        arn = self.settings.origin_secret
        return self._secrets.get(arn) if arn else None

    @property
    def provider_keys(self) -> dict[str, str]:
        """Keys of model providers, by the names that their own SDKs have for them."""
        arn = self.settings.provider_secret
        return self._secrets.get_json(arn) if arn else {}

    @property
    @kept
    def model_choice(self) -> dict[str, Any]:
        """The default model, the embedding models, and endpoints of our own."""
        from kosha.adapters.aws.ssm import Parameters

        name = self.settings.models_parameter
        return Parameters(self._client("ssm")).get_json(name) if name else {}

    @property
    @kept
    def _secrets(self) -> "SecretsManager":
        from kosha.adapters.aws.secrets import SecretsManager

        return SecretsManager(self._client("secretsmanager"))

    @property
    @kept
    def _dynamodb(self) -> Any:
        return self._client("dynamodb")

    @property
    @kept
    def _runner(self) -> asyncio.Runner:
        return asyncio.Runner()

    def _client(self, service: str, *, endpoint_url: str | None = None, **config: Any) -> Any:
        """A client of boto3, which reads `AWS_ENDPOINT_URL` and the like by itself."""
        import boto3
        from botocore.config import Config

        times = {"connect_timeout": CONNECT_SECONDS, "read_timeout": READ_SECONDS}
        retries = {"mode": "standard", "total_max_attempts": ATTEMPTS}
        make = cast("Any", boto3).client  # the lock has no stubs of it
        return make(service, endpoint_url=endpoint_url, config=Config(retries=retries, **{**times, **config}))
