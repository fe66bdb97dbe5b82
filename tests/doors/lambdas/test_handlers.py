"""Every handler: short, and its import does nothing."""

import subprocess
import sys
from pathlib import Path

import pytest
from tests.doors.lambdas.deployment import FUNCTIONS

ROOT = Path(__file__).parents[3]
LONGEST_LINES = 40
# Each takes 30 ms of CPU to import, or much more: a cold start that needs one pays for it when it needs it. A handler
# without them takes under 0.5 s (bench/functions.py), where 1.0 s is the limit.
HEAVY = (
    "aws_xray_sdk", "boto3", "botocore.session", "cryptography", "jwt", "langchain_aws", "langchain_core",
    "langchain_openai", "lxml", "numpy", "onnxruntime", "openai", "pandas", "pgvector", "psycopg", "pypdfium2",
    "requests", "urllib3",
)  # fmt: skip
_IMPORT = """
import sys
import handler
loaded = sorted(set(sys.argv[1:]) & sys.modules.keys())
assert not loaded, loaded
assert handler.PORTS.made == {}, handler.PORTS.made
assert callable(handler.handler)
"""
_SNAPSHOT = """
import sys
import types
hooks = []
runtime = types.ModuleType("snapshot_restore_py")
runtime.register_before_snapshot = lambda work, *told: hooks.append((work, told))
sys.modules["snapshot_restore_py"] = runtime
import handler
assert "boto3" not in sys.modules
for work, told in reversed(hooks):
    work(*told)
lacking = {"boto3", "langchain_aws", "langchain_openai", "psycopg_pool", "numpy"} - sys.modules.keys()
assert not lacking, lacking
assert handler.PORTS.made == {}, handler.PORTS.made
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
    run(function, _IMPORT, *HEAVY)


def test_the_workers_snapshot_has_what_an_answer_needs_and_no_open_connection() -> None:
    run("chat_worker", _SNAPSHOT)


def run(function: str, code: str, *arguments: str) -> None:
    """In an interpreter of its own, the handler on its path."""
    path = [str(ROOT / "lambdas" / function), str(ROOT / "layers/kosha/python"), *sys.path]
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, *arguments],
        check=True,
        env={"PYTHONPATH": ":".join(path), "POWERTOOLS_SERVICE_NAME": function},
        timeout=60,
    )
