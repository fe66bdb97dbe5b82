"""The whole product deployed on this machine, for as long as a context is open."""

import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from emulated import emulator as aws
from emulated import models, origin, people
from emulated.deployment import Deployment
from kosha.adapters.local.embedded_postgres import EmbeddedPostgres
from kosha.adapters.local.postgres_socket import DATABASE, PORT, USER, socket_folder

ROOT = aws.ROOT
PAGES = aws.ROOT / "frontend" / "dist"
SLOW_MODEL = "slow"  # of the acceptance suite, which serves it


@dataclass
class Deployed:
    """A running deployment. tokens: access tokens by name. model_port: where a compatible server is looked for.

    took: wall seconds of each phase so far.
    """

    url: str
    tokens: dict[str, str]
    model_port: int
    emulator: aws.Emulator
    deployment: Deployment
    took: dict[str, float] = field(default_factory=dict)

    @property
    def outputs(self) -> dict[str, str]:
        """What the stacks print, by name."""
        return self.deployment.outputs

    def client(self, service: str) -> Any:
        """A client of boto3 for the emulator."""
        return client(self.emulator, service)


@contextmanager
def started(folder: Path) -> Iterator[tuple[aws.Emulator, dict[str, Any]]]:
    """An emulator, PostgreSQL and Bedrock, all kept in `folder`, and what stacks/emulated.py is told of them."""
    with ExitStack() as stack:
        data = folder / "database"
        stack.enter_context(EmbeddedPostgres(data, holder="the emulated stage"))
        bedrock = stack.enter_context(models.bedrock(folder / "models"))
        emulator = stack.enter_context(aws.running(folder / "aws"))
        told = {"bedrock": bedrock.origin, "database": _connection(data), "openai": [SLOW_MODEL]}
        yield emulator, {"endpoint": emulator.endpoint, **told}


@contextmanager
def deployed(*, keep_logs_in: Path | None = None) -> Iterator[Deployed]:
    """Start everything, deploy, create the people; take all of it down in the end.

    keep_logs_in: a folder that gets the logs, also where this fails.
    """
    took: dict[str, float] = {}
    with ExitStack() as stack:
        made = tempfile.TemporaryDirectory(prefix="kosha-emulated-", ignore_cleanup_errors=True)
        folder = Path(stack.enter_context(made))
        stack.callback(_keep_logs, folder, keep_logs_in)
        with timed(took, "start"):
            running, told = stack.enter_context(started(folder))
        deployment = Deployment(running, told)
        with timed(took, "bootstrap"):
            deployment.bootstrap()
        with timed(took, "deploy"):
            deployment.deploy()
        with timed(took, "set up"):
            outputs = deployment.outputs
            model_port = aws.free_port()
            tokens = _set_up(running, outputs, model_port)
            behind = behind_origin(running, outputs)
            url = stack.enter_context(origin.serving(lambda: behind))
        yield Deployed(url, tokens, model_port, running, deployment, took)


@contextmanager
def timed(took: dict[str, float], phase: str) -> Iterator[None]:
    """Note how many seconds a phase took."""
    start = time.monotonic()
    try:
        yield
    finally:
        took[phase] = took.get(phase, 0.0) + time.monotonic() - start


def client(emulator: aws.Emulator, service: str) -> Any:
    """A client of boto3 for an emulator."""
    return boto3.client(
        service,
        endpoint_url=emulator.endpoint,
        region_name=aws.REGION,
        aws_access_key_id=aws.CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=aws.CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        config=Config(retries={"total_max_attempts": 2}, connect_timeout=3, read_timeout=60),
    )


def _set_up(emulator: aws.Emulator, outputs: dict[str, str], model_port: int) -> dict[str, str]:
    """What an administrator does after a deployment: a provider's key, and people. Returns their tokens."""
    keys = {"OPENAI_BASE_URL": f"http://127.0.0.1:{model_port}/v1"}
    client(emulator, "secretsmanager").put_secret_value(
        SecretId=outputs["ProviderSecretArn"], SecretString=json.dumps(keys)
    )
    cognito = client(emulator, "cognito-idp")
    return people.create(cognito, outputs["UserPoolId"], outputs["UserPoolClientId"])


def behind_origin(emulator: aws.Emulator, outputs: dict[str, str]) -> origin.Behind:
    """Where the one origin finds the APIs and the UI of a deployment."""
    secret = client(emulator, "secretsmanager").get_secret_value(SecretId=outputs["OriginSecretArn"])
    config = {
        "signIn": "cognito",
        "region": aws.REGION,
        "userPoolId": outputs["UserPoolId"],
        "userPoolClientId": outputs["UserPoolClientId"],
        "userPoolEndpoint": emulator.endpoint,
    }
    return origin.Behind(outputs["ApiUrl"], outputs["SocketUrl"], secret["SecretString"], PAGES, config)


def _connection(data: Path) -> dict[str, Any]:
    return {"host": str(socket_folder(data)), "port": PORT, "username": USER, "password": "none", "dbname": DATABASE}


def _keep_logs(folder: Path, kept: Path | None) -> None:
    logs = folder / "aws" / "logs"
    if kept is not None and logs.exists():
        shutil.copytree(logs, kept, dirs_exist_ok=True)
