"""Some stacks of a stage alone, without what they do not need: seconds instead of half a minute."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from stacks.settings import Stage
from tests.stacks.synthesised import ROOT, Synthesised

from stacks import settings

NO_NETWORK = {
    "network": {"enabled": False},
    "ingestion": {"parse_in": "function"},
    "database": {
        "kind": "outside",
        "connection": {"host": "db", "port": 5432, "username": "kosha", "password": "none", "dbname": "kosha"},
    },
}
Build = Callable[[cdk.App, Stage], object]


def stage(**changes: Any) -> Stage:
    """A stage with these settings, without a network unless they say so."""
    return settings.read("part", {"part": {**NO_NETWORK, **changes}})


def synthesise(folder: Path, chosen: Stage, build: Build) -> Synthesised:
    """The templates of what `build` makes."""
    context: Mapping[str, Any] = json.loads((ROOT / "cdk.json").read_text())["context"]
    flags = {name: value for name, value in context.items() if name.startswith("@")}
    quiet = {
        "aws:cdk:enable-path-metadata": True,
        "aws:cdk:bundling-stacks": [],
        "@aws-cdk/core:annotationsInValidationReport": False,
    }
    application = cdk.App(context={**flags, **quiet}, outdir=str(folder), analytics_reporting=False)
    build(application, chosen)
    application.synth()
    templates = {path.name.split(".")[0]: json.loads(path.read_text()) for path in folder.glob("*.template.json")}
    return Synthesised(chosen.name, folder, templates, ())
