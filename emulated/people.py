"""The people of a deployment: users of its pool, by their names, with roles as groups, signed in."""

import secrets
from typing import Any

ROLES = {"admin": "admin", "ada": "manager", "ben": "user", "eve": "user"}


def create(cognito: Any, pool_id: str, client_id: str) -> dict[str, str]:
    """Access tokens by name of everybody in ROLES."""
    return {name: _create(cognito, pool_id, client_id, name, role) for name, role in ROLES.items()}


def _create(cognito: Any, pool_id: str, client_id: str, name: str, role: str) -> str:
    password = f"Aa1!{secrets.token_hex(12)}"
    attributes = [{"Name": "email", "Value": f"{name}@example.org"}, {"Name": "email_verified", "Value": "true"}]
    cognito.admin_create_user(UserPoolId=pool_id, Username=name, UserAttributes=attributes, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=pool_id, Username=name, Password=password, Permanent=True)
    cognito.admin_add_user_to_group(UserPoolId=pool_id, Username=name, GroupName=role)
    proof = {"USERNAME": name, "PASSWORD": password}
    signed_in = cognito.initiate_auth(ClientId=client_id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=proof)
    return signed_in["AuthenticationResult"]["AccessToken"]
