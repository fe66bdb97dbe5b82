"""The stages that cdk.json holds, for commands that need no CDK."""

import json
from pathlib import Path
from typing import Any

from stacks import settings
from stacks.settings import Stage

CDK = Path(__file__).parents[1] / "cdk.json"
Stages = dict[str, dict[str, Any]]


def stages(file: Path = CDK) -> Stages:
    """Their settings by name, as they are written."""
    told: Stages = json.loads(file.read_text(encoding="utf-8"))["context"]["stages"]
    return told


def stage(name: str, file: Path = CDK) -> Stage:
    """Raises SettingRefused."""
    return settings.read(name, stages(file))


def write(name: str, chosen: dict[str, Any], file: Path = CDK) -> None:
    """Put a stage in, and leave everything else as it is. Raises SettingRefused before anything is written."""
    told = json.loads(file.read_text(encoding="utf-8"))
    told["context"]["stages"][name] = chosen
    settings.read(name, told["context"]["stages"])
    part = file.with_suffix(".json.part")
    part.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    part.replace(file)
