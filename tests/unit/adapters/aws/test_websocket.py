"""Frames to connections that API Gateway holds, or does not hold any more."""

from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from kosha.adapters.aws.websocket import ApiGatewaySockets
from kosha.errors import Unavailable


@pytest.fixture
def api() -> Any:
    return boto3.client(
        "apigatewaymanagementapi",
        region_name="eu-central-1",
        endpoint_url="https://abc.execute-api.eu-central-1.amazonaws.com/v1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


def test_a_frame_is_posted_as_utf_8(api: Any) -> None:
    with Stubber(api) as stub:
        stub.add_response("post_to_connection", {}, {"ConnectionId": "abc=", "Data": "größer".encode()})
        assert ApiGatewaySockets(api).post("abc=", "größer") is True


@pytest.mark.parametrize("code", ["GoneException", "BadRequestException"])
def test_a_connection_that_is_gone_takes_nothing_and_is_closed_already(api: Any, code: str) -> None:
    with Stubber(api) as stub:
        for operation in ("post_to_connection", "delete_connection"):
            stub.add_client_error(operation, code, http_status_code=410)
        assert ApiGatewaySockets(api).post("gone", "frame") is False
        ApiGatewaySockets(api).close("gone")


@pytest.mark.parametrize(("code", "status"), [("LimitExceededException", 429), ("InternalServerError", 500)])
def test_a_gateway_that_is_busy_or_broken_is_unavailable(api: Any, code: str, status: int) -> None:
    with Stubber(api) as stub:
        for operation in ("post_to_connection", "delete_connection"):
            stub.add_client_error(operation, code, http_status_code=status)
        with pytest.raises(Unavailable, match="send to a browser"):
            ApiGatewaySockets(api).post("abc=", "frame")
        with pytest.raises(Unavailable, match="close a connection"):
            ApiGatewaySockets(api).close("abc=")
