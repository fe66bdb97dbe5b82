"""Every handler: short, and its import does nothing."""

import subprocess
import sys
from pathlib import Path

import pytest
from tests.doors.lambdas.deployment import FUNCTIONS

ROOT = Path(__file__).parents[3]
LONGEST_LINES = 40
_IMPORT = """
import sys
import handler
heavy = {"boto3", "psycopg", "langchain_core", "openai", "lxml", "pypdfium2", "onnxruntime"}
assert not heavy & sys.modules.keys(), heavy & sys.modules.keys()
assert handler.PORTS.made == {}, handler.PORTS.made
assert callable(handler.handler)
"""


def test_every_folder_is_a_function_that_is_known() -> None:
    assert sorted(path.parent.name for path in ROOT.glob("lambdas/*/handler.py")) == sorted(FUNCTIONS)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_handler_is_short_and_opens_with_what_it_is_for(function: str) -> None:
    text = (ROOT / "lambdas" / function / "handler.py").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST_LINES
    assert text.startswith('"""')


@pytest.mark.parametrize("function", FUNCTIONS)
def test_importing_a_handler_opens_nothing_and_loads_nothing_heavy(function: str) -> None:
    path = [str(ROOT / "lambdas" / function), str(ROOT / "layers/kosha/python"), *sys.path]
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _IMPORT],
        check=True,
        env={"PYTHONPATH": ":".join(path), "POWERTOOLS_SERVICE_NAME": function},
        timeout=60,
    )
