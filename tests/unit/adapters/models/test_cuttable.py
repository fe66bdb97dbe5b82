"""boto3's calls under TLS and through proxies: what giving up and trusting must not lose."""

import asyncio
import ipaddress
import ssl
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from tests.served.bedrock import STREAM_HEAD, BedrockRuntime
from tests.served.endpoint import Endpoint, chunk, served, whole
from tests.served.event_stream import event
from tests.unit.adapters.models.providers import (
    INFO,
    all_of,
    gives_up_after_the_first_word,
    gives_up_before_the_first_word,
    text,
)

from kosha.adapters.models.bedrock_chat import BedrockChatModel
from kosha.adapters.models.cuttable import runtime_client
from kosha.errors import ModelUnavailable

HALF = event("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": "half"}})


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for 127.0.0.1 that only itself vouches for, with its key."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = datetime.now(UTC)
    told = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(told.public_bytes(serialization.Encoding.PEM) + private)
    return path


@pytest.fixture
async def bedrock(credentials: None, certificate: Path) -> AsyncIterator[BedrockRuntime]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    async with served(BedrockRuntime(answer=lambda _: iter(["25 ", "days."])), context) as bedrock:
        yield bedrock


@pytest.fixture
def model(
    bedrock: BedrockRuntime, certificate: Path, threads: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> BedrockChatModel:
    monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate))
    client = runtime_client("bedrock-runtime", endpoint_url=bedrock.origin)
    return BedrockChatModel(INFO, client, threads, model_id="amazon.nova-lite-v1:0")


async def test_an_answer_comes_over_tls_from_who_is_trusted(model: BedrockChatModel) -> None:
    assert text(await all_of(model)) == "25 days."


async def test_who_is_not_trusted_is_not_asked(bedrock: BedrockRuntime, threads: ThreadPoolExecutor) -> None:
    client = runtime_client("bedrock-runtime", endpoint_url=bedrock.origin)
    with pytest.raises(ModelUnavailable):
        await all_of(BedrockChatModel(INFO, client, threads, model_id="amazon.nova-lite-v1:0"))
    assert bedrock.requests == []


async def test_giving_up_closes_a_silent_connection_under_tls(model: BedrockChatModel, bedrock: BedrockRuntime) -> None:
    bedrock.will_send(STREAM_HEAD + chunk(HALF), asyncio.Event())
    await gives_up_after_the_first_word(model, bedrock)


async def test_giving_up_before_the_first_word_closes_it_too(model: BedrockChatModel, bedrock: BedrockRuntime) -> None:
    bedrock.will_send(asyncio.Event())
    await gives_up_before_the_first_word(model, bedrock)
    assert len(bedrock.requests) == 1


async def test_giving_up_between_two_tries_sends_no_other(credentials: None, threads: ThreadPoolExecutor) -> None:
    async with served(BedrockRuntime()) as bedrock:
        bedrock.will_send(whole("503 Service Unavailable", {"message": "x"}))
        client = runtime_client("bedrock-runtime", endpoint_url=bedrock.origin)
        reading = asyncio.create_task(all_of(BedrockChatModel(INFO, client, threads, model_id="amazon.nova-lite-v1:0")))
        while not bedrock.requests:
            await asyncio.sleep(0.005)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        await asyncio.to_thread(threads.shutdown)  # until the thread has come to its end
        assert len(bedrock.requests) == 1


async def test_a_proxy_of_the_environment_is_used(
    credentials: None, threads: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with served(Endpoint()) as proxy:
        proxy.will_send(whole("400 Bad Request", {"message": "by the proxy"}))
        monkeypatch.setenv("http_proxy", proxy.origin)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        client = runtime_client("bedrock-runtime", endpoint_url="http://bedrock.example")
        with pytest.raises(Exception, match="by the proxy"):
            await all_of(BedrockChatModel(INFO, client, threads, model_id="amazon.nova-lite-v1:0"))
    assert proxy.requests[0].path.startswith("http://bedrock.example/model/")
