"""The people of a deployment: users of its pool, by their names, with roles as groups, signed in."""

import secrets
from typing import Any

from stacks.people import add, token

ROLES = {"admin": "admin", "ada": "manager", "ben": "user", "eve": "user"}


def create(cognito: Any, pool_id: str, client_id: str) -> dict[str, str]:
    """Access tokens by name of everybody in ROLES."""
    return {name: _create(cognito, pool_id, client_id, name, role) for name, role in ROLES.items()}


def _create(cognito: Any, pool_id: str, client_id: str, name: str, role: str) -> str:
    password = f"Aa1!{secrets.token_hex(12)}"
    add(cognito, pool_id, name=name, email=f"{name}@example.org", role=role, password=password)
    made = token(cognito, client_id, name=name, password=password)
    assert made is not None, f"{name} cannot sign in by password alone"
    return made
