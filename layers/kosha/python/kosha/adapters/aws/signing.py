"""Signs calls of services that boto3 has no client for (Signature Version 4)."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any


class Signer:
    """Proves who asks with the credentials of this process, which renew themselves. service: as in `es`, OpenSearch."""

    def __init__(self, region: str, *, service: str) -> None:
        session: Any = import_module("botocore.session")
        self._credentials = session.Session().get_credentials()
        self._region, self._service = region, service

    def __call__(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Mapping[str, str]:
        """The headers of a call with its signature."""
        auth: Any = import_module("botocore.auth")
        requests: Any = import_module("botocore.awsrequest")
        request = requests.AWSRequest(method=method, url=url, headers=dict(headers), data=body)
        auth.SigV4Auth(self._credentials.get_frozen_credentials(), self._service, self._region).add_auth(request)
        return dict(request.headers.items())
