"""The layers: each package in the layer that needs it, within the sizes that Lambda and a quick start allow."""

import re
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from stacks.constructs import layers

MEGABYTE = 1_000_000
IN_THE_RUNTIME = {"boto3", "botocore", "jmespath", "python-dateutil", "s3transfer", "six", "urllib3"}
NAMES = ("dependencies", "readers", "models")


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every layer as `emulated` has it."""
    folder = tmp_path_factory.mktemp("layers")
    for name in NAMES:
        layers.Installed(name).try_bundle(str(folder / name))
    return folder


@pytest.fixture(scope="module")
def sizes(copied: Path) -> dict[str, float]:
    """MB of every layer, unzipped, as the packages installed here have it; those for Lambda differ by about 1 %."""
    return {name: _size(copied / name) for name in NAMES} | {"kosha": _size(layers.ROOT / "layers" / "kosha")}


def test_every_locked_package_is_in_one_layer_or_in_the_runtime() -> None:
    listed = [package for name in NAMES for package in layers.packages(name)]
    locked = set(re.findall(r"(?m)^([a-z0-9-]+)==", layers.LOCK.read_text()))
    assert len(listed) == len(set(listed))
    assert set(listed) | IN_THE_RUNTIME == locked


@pytest.mark.parametrize("name", NAMES)
def test_a_layer_has_all_that_its_packages_need(name: str) -> None:
    there = {*layers.packages("dependencies"), *layers.packages(name), *IN_THE_RUNTIME}
    for package in layers.packages(name):
        assert _needs(package) <= there, package


def test_all_layers_together_are_under_200_mb(sizes: dict[str, float]) -> None:
    assert sum(sizes.values()) < 200


@pytest.mark.parametrize(
    "modules",
    [
        "numpy, psycopg_pool, pgvector.psycopg, pydantic, jwt, aws_lambda_powertools",
        "lxml.etree, lxml.html, pypdfium2, fasttext, docutils.core, olefile, oxmsg, xlrd, feedparser, protego",
        "langchain_aws, langchain_openai",
    ],
)
def test_packages_work_without_what_was_pruned(modules: str, copied: Path) -> None:
    read_here = f"import sys; sys.path[:0] = {[str(copied / name / 'python') for name in NAMES]!r}; import {modules}"
    subprocess.run([sys.executable, "-c", read_here], check=True, cwd=copied)


def test_what_the_api_loads_is_under_90_mb(sizes: dict[str, float]) -> None:
    assert sizes["kosha"] + sizes["dependencies"] < 90


def test_pins_carry_their_hashes() -> None:
    told = layers.pins(["pydantic"])
    assert told.startswith("pydantic==")
    assert "--hash=sha256:" in told


def _size(folder: Path) -> float:
    files = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return sum(path.stat().st_size for path in files) / MEGABYTE


def _needs(package: str) -> set[str]:
    """What a package names as its needs on Lambda, without extras."""
    told = [Requirement(line) for line in distribution(package).requires or ()]
    place = {"extra": "", "python_version": "3.13", "python_full_version": "3.13.0", "sys_platform": "linux"}
    return {each.name.lower().replace("_", "-") for each in told if not each.marker or each.marker.evaluate(place)}
