"""Frames to the browsers whose sockets API Gateway holds."""

from typing import Any, Protocol

from botocore.exceptions import ClientError

from kosha.adapters.aws.errors import code_of, told_as_ours

_GONE = frozenset(["GoneException", "BadRequestException"])  # the latter for an id that API Gateway never gave


class ManagementApi(Protocol):
    """`boto3.client("apigatewaymanagementapi")`."""

    def post_to_connection(self, **request: Any) -> dict[str, Any]: ...
    def delete_connection(self, **request: Any) -> dict[str, Any]: ...


class ApiGatewaySockets:
    """Fits the port `Sockets`."""

    def __init__(self, api: ManagementApi) -> None:
        self._api = api

    def post(self, connection_id: str, frame: str) -> bool:
        """Send a frame; False where the connection is gone. Raises Unavailable."""
        with told_as_ours("send to a browser"):
            try:
                self._api.post_to_connection(ConnectionId=connection_id, Data=frame.encode())
            except ClientError as error:
                if code_of(error) in _GONE:
                    return False
                raise
        return True

    def close(self, connection_id: str) -> None:
        """Put it out; nothing happens where it is gone. Raises Unavailable."""
        with told_as_ours("close a connection"):
            try:
                self._api.delete_connection(ConnectionId=connection_id)
            except ClientError as error:
                if code_of(error) not in _GONE:
                    raise
