"""docs/failures.md names tests that are there, and no failure stands in it without one."""

import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "failures.md"
NAMED = re.compile(r"`([\w/]+\.py)::(test_\w+)`")


@cache
def names_in(file: str) -> set[str]:
    """The names of the tests in a file; none where there is no such file."""
    path = ROOT / "tests" / file
    return set(re.findall(r"def (test_\w+)\(", path.read_text(encoding="utf-8"))) if path.exists() else set()


def rows() -> list[str]:
    """The rows of every table, without their heads."""
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    return [line for line in lines if not re.match(r"\| (failure|---) ", line)]


def test_every_test_that_is_named_exists() -> None:
    named = NAMED.findall(PAGE.read_text(encoding="utf-8"))
    assert [f"{file}::{name}" for file, name in named if name not in names_in(file)] == []


def test_every_failure_has_a_test_that_makes_it_happen() -> None:
    assert len(rows()) > 40
    assert [row.split("|")[1].strip() for row in rows() if not NAMED.search(row.rsplit("|", 2)[1])] == []


def test_every_row_has_its_five_columns() -> None:
    assert [row for row in rows() if row.count("|") != 6] == []
