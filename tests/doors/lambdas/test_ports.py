"""The ports of a deployment: every part is made where it is asked for, once, of what the stacks have told."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import pytest
from psycopg.conninfo import conninfo_to_dict
from tests.contracts.aws import REGION
from tests.contracts.examples import a_workspace
from tests.doors.lambdas.deployment import Deployment
from tests.served.opensearch import serving

from kosha import ports as seams
from kosha.adapters.aws.secrets import SecretsManager
from kosha.adapters.local.embedded_postgres import dsn_of
from kosha.errors import NotInThisVersion, Rejected, TooCostly
from kosha.wiring.aws import AwsPorts
from kosha.wiring.aws_database import SignIn
from kosha.wiring.aws_parts import DATABASE_CONNECTIONS
from kosha.wiring.aws_settings import AwsSettings

NAMES = [name for name, value in vars(seams.Ports).items() if isinstance(value, property)]
NAMES += [name for name, value in vars(seams.GatewayPorts).items() if isinstance(value, property)]


@pytest.fixture
def ports(aws: Deployment, monkeypatch: pytest.MonkeyPatch) -> AwsPorts:
    """Of a function that was given everything."""
    pool = boto3.client("cognito-idp", REGION).create_user_pool(PoolName="people")["UserPool"]["Id"]
    settings = {
        "KOSHA_WORKSPACES_TABLE": "workspaces",
        "KOSHA_DOCUMENTS_TABLE": "documents",
        "KOSHA_UPLOAD_BUCKET": "originals",
        "KOSHA_PROCESSING_BUCKET": "derived",
        "KOSHA_STATE_MACHINES": json.dumps({"file_import": "arn:aws:states:eu-central-1:1:stateMachine:a"}),
        "KOSHA_USER_POOL_ID": pool,
        "KOSHA_USER_POOL_CLIENT_ID": "client",
        "KOSHA_WEBSOCKET_ENDPOINT": "https://abc.execute-api.eu-central-1.amazonaws.com/v1",
        "KOSHA_UPLOAD_LIMIT_BYTES": "1000",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    return AwsPorts()


@pytest.mark.parametrize("name", sorted(set(NAMES)))
def test_every_part_is_made_once(aws: Deployment, ports: AwsPorts, name: str) -> None:
    ports.made["database"] = aws.ports("sweep").made["database"]
    assert getattr(ports, name) is getattr(ports, name)


def test_threads_that_ask_at_once_are_given_the_same_part(ports: AwsPorts) -> None:
    given: list[Any] = []
    asking = [threading.Thread(target=lambda: given.append(ports.documents)) for _ in range(8)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    assert len({id(part) for part in given}) == 1


def test_limits_come_from_the_environment(ports: AwsPorts) -> None:
    assert ports.limits.upload_bytes == 1000
    assert ports.settings.state_machines.keys() == {"file_import"}


def test_a_setting_that_is_missing_is_named(aws: Deployment) -> None:
    with pytest.raises(LookupError, match="KOSHA_TURNS_TABLE"):
        _ = AwsPorts(lambda: AwsSettings.read({})).turns


def test_an_engine_that_is_not_here_is_refused(ports: AwsPorts) -> None:
    with pytest.raises(Rejected, match="kendra"):
        ports.index("kendra")


def test_opensearch_is_signed_in_to_as_its_secret_says(
    aws: Deployment, ports: AwsPorts, monkeypatch: pytest.MonkeyPatch
) -> None:
    ports.made["database"] = aws.ports("sweep").made["database"]
    aws.has_secret("KOSHA_OPENSEARCH_SECRET", json.dumps({"username": "kosha", "password": "s@cret"}))
    with serving() as cluster:
        monkeypatch.setenv("KOSHA_OPENSEARCH_URL", cluster.url)
        ports.index("opensearch").create(a_workspace())
        [(method, _, headers)] = cluster.calls
    assert (method, headers["authorization"]) == ("PUT", "Basic a29zaGE6c0BjcmV0")
    assert [engine.id for engine in ports.engines() if engine.enabled] == ["aurora", "opensearch"]


@pytest.mark.parametrize("name", ["chat_models", "embedders", "cross_encoders"])
def test_models_are_made_anew_with_the_keys_that_a_secret_says_now(
    ports: AwsPorts, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    secrets = boto3.client("secretsmanager", REGION)
    arn = secrets.create_secret(Name=f"keys of {name}", SecretString=json.dumps({"OPENAI_API_KEY": "old"}))["ARN"]
    monkeypatch.setenv("KOSHA_PROVIDER_SECRET", arn)
    now = [1000.0]
    ports.made["_secrets"] = SecretsManager(secrets, clock=lambda: now[0])
    first = getattr(ports, name)
    secrets.put_secret_value(SecretId=arn, SecretString=json.dumps({"OPENAI_API_KEY": "new"}))
    assert getattr(ports, name) is first
    now[0] += 301
    second = getattr(ports, name)
    assert second is not first
    assert getattr(ports, name) is second


def test_only_buckets_are_followed_and_by_one_client(ports: AwsPorts) -> None:
    assert ports.place("s3") is ports.place("s3")
    with pytest.raises(Rejected, match="Only buckets"):
        ports.place("folder")


def test_hosts_that_may_be_visited_have_commas_between_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOSHA_CRAWL_ALLOW_HOSTS", "wiki.intranet, 10.0.0.5,")
    assert AwsSettings.read().crawl_allow_hosts == ("wiki.intranet", "10.0.0.5")


def test_a_file_is_read_within_the_limits_that_the_stack_gives(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KOSHA_PARSER_SECONDS", "0.001")
    (tmp_path / "original").write_text("All work and no play.")
    with pytest.raises(TooCostly, match=r"longer than 0\.001 seconds"):
        AwsPorts().parser.parse(tmp_path / "original", "a.txt", cancelled=lambda: False)


def test_passwords_are_the_user_pools(ports: AwsPorts) -> None:
    with pytest.raises(NotInThisVersion, match="user pool"):
        ports.passwords.hash("correct horse")


def test_health_does_not_wake_the_database(ports: AwsPorts) -> None:
    assert {part.status for part in ports.health().values()} == {"ok"}
    assert "database" not in ports.made


def test_however_many_ask_a_function_has_two_connections_to_the_database(aws: Deployment, ports: AwsPorts) -> None:
    told = conninfo_to_dict(dsn_of(aws.machine.ports.settings.data))
    secret = {"host": told["host"], "port": told.get("port", 5432), "username": told["user"], "password": "none"}
    aws.has_secret("KOSHA_DATABASE_SECRET", json.dumps({**secret, "dbname": told["dbname"]}))
    at_once, everybody = threading.Semaphore(DATABASE_CONNECTIONS), threading.Barrier(8)

    def asked(_: int) -> int:
        everybody.wait(10)

        def work(connection: Any) -> int:
            assert at_once.acquire(blocking=False), "a third connection is in use"
            backend = connection.execute("select pg_backend_pid() from pg_sleep(0.02)").fetchone()[0]
            at_once.release()
            return backend

        return ports.database.ask(work)

    with ThreadPoolExecutor(8) as callers:
        backends = set(callers.map(asked, range(8)))
    ports.database.close()
    assert len(backends) == DATABASE_CONNECTIONS


class Secret:
    """A secret that is rotated; `kept` is what was read last."""

    def __init__(self) -> None:
        self.password = "old"
        self.kept = "old"

    def get_json(self, _: str, *, fresh: bool = False) -> dict[str, Any]:
        self.kept = self.password if fresh else self.kept
        return {"host": "db", "port": 5432, "username": "kosha", "password": self.kept, "dbname": "kosha"}


def test_who_was_refused_signs_in_with_the_password_of_the_moment() -> None:
    now, secret = [1000.0], Secret()
    sign_in = SignIn(secret, "arn", host=None, clock=lambda: now[0])
    assert "password=old" in sign_in()
    secret.password = "new"
    now[0] += 1
    assert "password=old" in sign_in()  # two connections of a pool that begins
    now[0] += 5
    assert "password=new" in sign_in()


def test_a_proxy_stands_before_the_host_of_the_secret() -> None:
    assert "host=proxy" in SignIn(Secret(), "arn", host="proxy")()
