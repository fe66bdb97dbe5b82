"""What S3 promises beside the contract: two buckets, tickets and links that S3 itself checks, and slow readers."""

import base64
import io
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from botocore.response import StreamingBody
from botocore.stub import ANY, Stubber
from moto import mock_aws
from tests.contracts.blob_stores import S3Store, s3_client
from tests.contracts.examples import a_document, new_id

from kosha.adapters.aws import s3 as s3_adapter
from kosha.adapters.aws.s3 import S3Blobs
from kosha.errors import NotFound, Unavailable

UPLOADS, PROCESSING = "uploads", "processing"
LINES = "w/d/run-1/chunks.jsonl"


@pytest.fixture(scope="module")
def s3() -> Iterator[Any]:
    """A client of the S3 of this process, which is costly to make."""
    with mock_aws():
        yield s3_client()


@pytest.fixture
def store(s3: Any) -> S3Store:
    return S3Store(s3, keeps_versions=True)


@pytest.fixture(scope="module")
def client() -> Any:
    return s3_client()


@pytest.fixture
def service(client: Any) -> Iterator[Stubber]:
    """Answers as the test says, in that order, and nothing else."""
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def blobs(client: Any) -> S3Blobs:
    return S3Blobs(client, upload_bucket=UPLOADS, processing_bucket=PROCESSING)


class Breaking(io.RawIOBase):
    """A connection that breaks off after so many bytes."""

    def __init__(self, content: bytes) -> None:
        self._content = io.BytesIO(content)

    def read(self, size: int = -1) -> bytes:
        if piece := self._content.read(size):
            return piece
        raise ReadTimeoutError(endpoint_url="https://s3")


def _reply(content: bytes, *, sent: bytes | None = None, **more: Any) -> dict[str, Any]:
    raw: Any = io.BytesIO(content) if sent is None else Breaking(sent)
    return {"Body": StreamingBody(raw, len(content)), "ContentLength": len(content), "ETag": '"e"', **more}


def test_originals_lie_where_browsers_bring_them_and_all_else_does_not(store: S3Store) -> None:
    for key in ("w/d/original", "w/d/original-2", LINES, "w/d/run-1/original", "w/original"):
        store.blobs.write(key, [b"x"])
    assert store.keys_in(store.uploads) == ["w/d/original", "w/d/original-2"]
    assert store.keys_in(store.processing) == ["w/d/run-1/chunks.jsonl", "w/d/run-1/original", "w/original"]


def test_what_a_run_made_is_removed_without_a_look_at_originals(service: Stubber, blobs: S3Blobs) -> None:
    listed = {"Bucket": PROCESSING, "Prefix": "w/d/run-1/", "MaxKeys": 1000}
    service.add_response("list_object_versions", {"IsTruncated": False}, listed)
    blobs.remove("w/d/run-1/")


def test_more_versions_than_s3_lists_at_once_are_removed(store: S3Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3_adapter, "_LISTED_AT_ONCE", 10)
    for number in range(25):
        store.client.put_object(Bucket=store.processing, Key=f"w/d/run-1/{number}", Body=b"x")
    store.client.delete_object(Bucket=store.processing, Key="w/d/run-1/7")
    store.blobs.remove("w/")
    assert store.keys() == []


def test_versions_that_s3_could_not_remove_are_an_error(service: Stubber, blobs: S3Blobs) -> None:
    version = {"Key": LINES, "VersionId": "1"}
    for code in ("InternalError", "AccessDenied"):
        service.add_response("list_object_versions", {"IsTruncated": False, "Versions": [version]})
        service.add_response("delete_objects", {"Errors": [{**version, "Code": code, "Message": "No."}]})
    with pytest.raises(Unavailable, match="could not remove files"):
        blobs.remove(LINES)
    with pytest.raises(ClientError, match="AccessDenied"):
        blobs.remove(LINES)


def test_a_reader_whose_connection_breaks_off_goes_on_in_the_same_version(service: Stubber, blobs: S3Blobs) -> None:
    named = {"Bucket": PROCESSING, "Key": LINES}
    service.add_response("get_object", _reply(b"0123456789", sent=b"0123", VersionId="v1"), named)
    service.add_response("get_object", _reply(b"456789"), {**named, "VersionId": "v1", "Range": "bytes=4-"})
    with blobs.open(LINES) as file:
        assert file.read() == b"0123456789"


def test_without_versions_a_reader_is_told_that_the_blob_was_replaced(service: Stubber, blobs: S3Blobs) -> None:
    service.add_response("get_object", _reply(b"0123456789", sent=b"0123"), {"Bucket": PROCESSING, "Key": LINES})
    asked = {"Bucket": PROCESSING, "Key": LINES, "IfMatch": '"e"', "Range": "bytes=4-"}
    service.add_client_error("get_object", "PreconditionFailed", http_status_code=412, expected_params=asked)
    with blobs.open(LINES) as file, pytest.raises(Unavailable, match="replaced"):
        file.read()


def test_a_reader_is_never_given_less_than_the_whole(service: Stubber, blobs: S3Blobs) -> None:
    cut = {**_reply(b"0123456789"), "Body": StreamingBody(io.BytesIO(b"0123"), 10)}
    service.add_response("get_object", cut)
    service.add_response("get_object", {**cut, "Body": StreamingBody(io.BytesIO(b""), 6)}, ANY_OF_IT)
    with blobs.open(LINES) as file, pytest.raises(Unavailable, match="could not read a file"):
        file.read()


ANY_OF_IT = {"Bucket": PROCESSING, "Key": LINES, "IfMatch": ANY, "Range": ANY}


@pytest.mark.parametrize(("code", "status"), [("SlowDown", 503), ("InternalError", 500)])
def test_a_busy_s3_is_unavailable(service: Stubber, blobs: S3Blobs, code: str, status: int) -> None:
    for method in ("get_object", "put_object", "list_object_versions"):
        service.add_client_error(method, code, http_status_code=status)
    with pytest.raises(Unavailable):
        blobs.open(LINES)
    with pytest.raises(Unavailable):
        blobs.write(LINES, [b"x"])
    with pytest.raises(Unavailable):
        blobs.remove(LINES)


def test_refused_access_is_a_bug_and_no_missing_file(service: Stubber, blobs: S3Blobs) -> None:
    service.add_client_error("get_object", "AccessDenied", http_status_code=403)
    with pytest.raises(ClientError):
        blobs.open(LINES)


def test_a_ticket_allows_one_key_of_one_size_and_type_until_its_end(blobs: S3Blobs) -> None:
    document = a_document(new_id(), size_in_bytes=7, content_type="text/plain")
    key = f"{document.workspace_id}/{document.id}/original"
    ticket = blobs.ticket(document, key=key, seconds=900)
    policy = json.loads(base64.b64decode(ticket.fields["policy"]))
    conditions: list[Any] = policy["conditions"]
    assert ["content-length-range", 7, 7] in conditions
    for told in ({"key": key}, {"bucket": UPLOADS}, {"Content-Type": "text/plain"}):
        assert told in conditions
    assert not [each for each in conditions if isinstance(each, list) and each[0] != "content-length-range"]
    signed_at = datetime.strptime(ticket.fields["x-amz-date"], "%Y%m%dT%H%M%S%z")
    until = datetime.strptime(policy["expiration"], "%Y-%m-%dT%H:%M:%S%z")
    assert 895 <= (until - signed_at).total_seconds() <= 901
    assert (ticket.method, ticket.headers) == ("POST", {})
    assert (ticket.fields["key"], ticket.fields["Content-Type"]) == (key, "text/plain")
    assert ticket.fields["x-amz-algorithm"] == "AWS4-HMAC-SHA256"
    assert UPLOADS in ticket.url


def test_every_field_of_a_ticket_is_bound_by_its_signed_policy(blobs: S3Blobs) -> None:
    ticket = blobs.ticket(a_document(new_id(), size_in_bytes=7), key="w/d/original", seconds=900)
    conditions: list[Any] = json.loads(base64.b64decode(ticket.fields["policy"]))["conditions"]
    bound = {name for each in conditions if isinstance(each, dict) for name in each}
    assert set(ticket.fields) - bound == {"policy", "x-amz-signature"}


def test_a_link_names_the_file_and_its_type_and_ends(blobs: S3Blobs) -> None:
    link = blobs.link("w/d/original", file_name='Plan – 2026 "x".pdf', content_type="application/pdf", seconds=60)
    address = urlsplit(link)
    told = parse_qs(address.query)
    assert address.path.endswith("w/d/original")
    disposition = "inline; filename*=UTF-8''Plan%20%E2%80%93%202026%20%22x%22.pdf"
    assert told["response-content-disposition"] == [disposition]
    assert told["response-content-type"] == ["application/pdf"]
    assert told["X-Amz-Expires"] == ["60"]
    assert told["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]


@pytest.mark.parametrize("content_type", ["text/html", "image/svg+xml", "application/octet-stream", "application/xml"])
def test_what_a_browser_might_run_is_saved_and_never_shown(blobs: S3Blobs, content_type: str) -> None:
    link = blobs.link("w/d/original", file_name="x", content_type=content_type, seconds=60)
    [disposition] = parse_qs(urlsplit(link).query)["response-content-disposition"]
    assert disposition == "attachment; filename*=UTF-8''x"


def test_a_copy_is_gone_when_its_context_ends(store: S3Store) -> None:
    store.blobs.write("w/d/original", [b"x"])
    with store.blobs.file("w/d/original") as path:
        assert path.is_file()
    assert not path.parent.exists()


def test_a_file_that_was_removed_with_its_versions_cannot_be_had_back(store: S3Store) -> None:
    store.blobs.write("w/d/original", [b"x"])
    store.blobs.remove("w/d/")
    with pytest.raises(NotFound):
        store.blobs.open("w/d/original")
    assert "Versions" not in store.client.list_object_versions(Bucket=store.uploads)
