"""Passwords: kept as hashes that tell nothing."""

import argon2
import pytest

from kosha.adapters.local.passwords import ArgonPasswords


@pytest.fixture(scope="module")
def passwords() -> ArgonPasswords:
    return ArgonPasswords()


def test_a_password_matches_its_hash_and_no_other(passwords: ArgonPasswords) -> None:
    kept = passwords.hash("correct horse")
    assert kept.startswith("$argon2id$")
    assert "horse" not in kept
    assert passwords.matches(kept, "correct horse")
    assert not passwords.matches(kept, "correct horse ")


def test_the_same_password_is_kept_in_two_ways(passwords: ArgonPasswords) -> None:
    assert passwords.hash("correct horse") != passwords.hash("correct horse")


def test_a_password_typed_in_another_unicode_form_is_the_same(passwords: ArgonPasswords) -> None:
    assert passwords.matches(passwords.hash("caf\u00e9 \u212b"), "cafe\u0301 A\u030a")


def test_nobody_has_a_password(passwords: ArgonPasswords) -> None:
    assert not passwords.matches(None, "the password of a user who is not there")


def test_what_is_no_hash_matches_nothing(passwords: ArgonPasswords) -> None:
    assert not passwords.matches("not a hash", "x")


def test_a_hash_of_another_cost_is_outdated(passwords: ArgonPasswords) -> None:
    cheap = argon2.PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash("x")
    assert passwords.is_outdated(cheap)
    assert not passwords.is_outdated(passwords.hash("x"))
