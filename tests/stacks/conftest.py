"""Each stage synthesised once, without its bundles, so that it takes neither network nor minutes."""

import os
from collections.abc import Callable
from functools import cache

import pytest

# Node 20 works with this version of jsii, which would say otherwise in a large box; see requirements-deploy.in.
os.environ.setdefault("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "18,20")

from tests.stacks.synthesised import Synthesised, synthesise

REAL = ("default", "specified")
Stages = Callable[[str], Synthesised]


@pytest.fixture(scope="session")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Stages:
    """The templates of a stage by its name, made at the first call."""
    return cache(lambda name: synthesise(name, tmp_path_factory.mktemp(name)))


@pytest.fixture(params=[*REAL, "emulated"])
def stage(request: pytest.FixtureRequest, stages: Stages) -> Synthesised:
    """Every stage in turn."""
    return stages(request.param)


@pytest.fixture(params=REAL)
def real_stage(request: pytest.FixtureRequest, stages: Stages) -> Synthesised:
    """The stages that are meant for AWS."""
    return stages(request.param)
