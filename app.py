"""The deployment on AWS: settings, then the stacks in order of dependence. Synthesising needs no network."""

import json
import sys
from collections.abc import Mapping
from typing import Any, NamedTuple

import aws_cdk as cdk
from stacks.api import ApiStack
from stacks.chat import ChatStack
from stacks.foundation import FoundationStack
from stacks.ingestion import IngestionStack
from stacks.observability import ObservabilityStack, Watched
from stacks.sagemaker import SagemakerStack
from stacks.search import SearchStack
from stacks.settings import SettingRefused, Stage, read
from stacks.web import WebStack

from stacks import emulated


class Stacks(NamedTuple):
    """The stacks of a stage."""

    foundation: FoundationStack
    search: SearchStack
    ingestion: IngestionStack
    chat: ChatStack
    api: ApiStack


def stage_of(app: cdk.App) -> Stage:
    """The stage that `-c stage=NAME` chose; `-c emulator=JSON` tells the emulated one where things are.

    Raises SettingRefused.
    """
    stages: Mapping[str, Mapping[str, Any]] = app.node.try_get_context("stages") or {}
    told = json.loads(app.node.try_get_context("emulator") or "{}")
    return read(app.node.try_get_context("stage"), {**stages, "emulated": emulated.settings(told)})


def build(app: cdk.App, stage: Stage) -> Stacks:
    """Every stack of a stage."""
    foundation = FoundationStack(app, stage)
    search = SearchStack(app, stage, foundation)
    ingestion = IngestionStack(app, stage, foundation, search)
    chat = ChatStack(app, stage, foundation, search, ingestion)
    api = ApiStack(app, stage, foundation, search, ingestion, chat)
    sagemaker = SagemakerStack(app, stage, foundation) if stage.serves else None
    if stage.web.enabled:
        WebStack(app, stage, foundation, chat, api)
    if stage.watching.enabled:
        ObservabilityStack(app, stage, Watched(foundation, search, ingestion, chat, api, sagemaker))
    return Stacks(foundation, search, ingestion, chat, api)


if __name__ == "__main__":
    application = cdk.App()
    try:
        build(application, stage_of(application))
    except SettingRefused as refused:
        sys.exit(f"{refused}")
    application.synth()
