"""A user pool of Cognito in process, in which people are managed as its administrators do it."""

import gzip
import json
from pathlib import Path
from typing import Any

import boto3
import moto.cognitoidp
from jwt import PyJWK

PASSWORD = "Correct-horse-9"
_KEYS = Path(moto.cognitoidp.__file__).parent / "resources"


class UserPool:
    """A new pool with one app client, signed in to by password. `signing_key`: that of every pool of moto's."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.id: str = client.create_user_pool(PoolName="people")["UserPool"]["Id"]
        for group in ("admin", "manager", "user", "choir"):
            client.create_group(UserPoolId=self.id, GroupName=group)
        self.client_id = self.add_app_client()

    def add_app_client(self) -> str:
        """The id of a further app."""
        flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
        made = self.client.create_user_pool_client(UserPoolId=self.id, ClientName="web", ExplicitAuthFlows=flows)
        return made["UserPoolClient"]["ClientId"]

    def add(self, name: str, *groups: str) -> str:
        """The new person's id."""
        named = {"UserPoolId": self.id, "Username": name}
        told = self.client.admin_create_user(**named, UserAttributes=[{"Name": "email", "Value": f"{name}@kosha.test"}])
        self.client.admin_set_user_password(**named, Password=PASSWORD, Permanent=True)
        for group in groups:
            self.client.admin_add_user_to_group(**named, GroupName=group)
        return next(each["Value"] for each in told["User"]["Attributes"] if each["Name"] == "sub")

    def sign_in(self, name: str, client_id: str | None = None) -> dict[str, str]:
        """`AccessToken` and `IdToken`."""
        told = self.client.admin_initiate_auth(
            UserPoolId=self.id,
            ClientId=client_id or self.client_id,
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": name, "PASSWORD": PASSWORD},
        )
        return told["AuthenticationResult"]

    @property
    def jwks(self) -> bytes:
        """What lies at the pool's jwks.json."""
        return gzip.decompress((_KEYS / "jwks-public.json.gz").read_bytes())

    @property
    def signing_key(self) -> Any:
        told = json.loads(gzip.decompress((_KEYS / "jwks-private.json.gz").read_bytes()))
        return PyJWK(told, "RS256").key


def cognito_client() -> Any:
    return boto3.client(
        "cognito-idp", region_name="eu-central-1", aws_access_key_id="test", aws_secret_access_key="test"
    )
