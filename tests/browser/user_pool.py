"""A user pool of the emulator, and the people in it."""

import base64
import hashlib
import hmac
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emulated import emulator
from emulated.run import client

PASSWORD = "Larkspur-Mills-7"
FIRST_PASSWORD = "For-The-First-Time-1"
RESET_CODE = "654321"  # the emulator's, for everybody
_STEP_SECONDS = 30
_LENGTH = {"MinimumLength": 12}


@dataclass(frozen=True)
class UserPool:
    """`config`: the UI's /kosha.json."""

    cognito: Any
    id: str
    client_id: str
    config: dict[str, str]

    def has(self, name: str, *, password: str = PASSWORD, role: str | None = None, is_new: bool = False) -> None:
        """Somebody who may sign in; who `is_new` chooses a password of their own then."""
        attributes = [{"Name": "email", "Value": f"{name}@example.org"}, {"Name": "email_verified", "Value": "true"}]
        who = {"UserPoolId": self.id, "Username": name}
        self.cognito.admin_create_user(
            **who, TemporaryPassword=password, UserAttributes=attributes, MessageAction="SUPPRESS"
        )
        if not is_new:
            self.cognito.admin_set_user_password(**who, Password=password, Permanent=True)
        if role is not None:
            self.cognito.admin_add_user_to_group(**who, GroupName=role)

    def asks_for_codes(self, name: str) -> str:
        """From now on this person needs a code too. Returns the secret that it is made of."""
        proof = {"USERNAME": name, "PASSWORD": PASSWORD}
        reply = self.cognito.initiate_auth(ClientId=self.client_id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=proof)
        token = reply["AuthenticationResult"]["AccessToken"]
        secret: str = self.cognito.associate_software_token(AccessToken=token)["SecretCode"]
        self.cognito.verify_software_token(AccessToken=token, UserCode=code_of(secret))
        self.cognito.set_user_mfa_preference(
            AccessToken=token, SoftwareTokenMfaSettings={"Enabled": True, "PreferredMfa": True}
        )
        return secret

    def signs_out_everywhere(self, name: str) -> None:
        """All this person's tokens end."""
        self.cognito.admin_user_global_sign_out(UserPoolId=self.id, Username=name)


@contextmanager
def running(folder: Path) -> Iterator[UserPool]:
    """A pool as the stacks make it (stacks/constructs/people.py), on an emulator of its own."""
    with emulator.running(folder) as aws:
        cognito = client(aws, "cognito-idp")
        policy = {**_LENGTH, **{f"Require{kind}": True for kind in ("Lowercase", "Uppercase", "Numbers", "Symbols")}}
        pool_id = cognito.create_user_pool(PoolName="kosha", Policies={"PasswordPolicy": policy})["UserPool"]["Id"]
        cognito.set_user_pool_mfa_config(
            UserPoolId=pool_id, SoftwareTokenMfaConfiguration={"Enabled": True}, MfaConfiguration="OPTIONAL"
        )
        made = cognito.create_user_pool_client(
            UserPoolId=pool_id,
            ClientName="kosha",
            ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
            EnableTokenRevocation=True,
        )
        client_id = made["UserPoolClient"]["ClientId"]
        cognito.create_group(UserPoolId=pool_id, GroupName="admin")
        config = {
            "signIn": "cognito",
            "region": emulator.REGION,
            "userPoolId": pool_id,
            "userPoolClientId": client_id,
            "userPoolEndpoint": aws.endpoint,
        }
        yield UserPool(cognito, pool_id, client_id, config)


def code_of(secret: str) -> str:
    """What an authenticator app shows now (RFC 6238; six digits, SHA-1)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // _STEP_SECONDS), hashlib.sha1).digest()
    start = digest[-1] & 15
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**6:06d}"
