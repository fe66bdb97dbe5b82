"""Puts what the program reads at run time into the wheel; an editable install reads it from the checkout."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

CARRIED = {"frontend/dist": "ui", "docs/guide": "guide", "statemachines": "statemachines"}


class CarryFiles(BuildHookInterface):
    """Found by hatchling under the name `custom`."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Refuse to build a wheel without the UI rather than ship one that shows nothing."""
        if version == "editable":
            return
        for source, name in CARRIED.items():
            folder = Path(self.root) / source
            if not any(folder.glob("*")):
                raise FileNotFoundError(f"{folder} is empty: run `make ui` before the wheel is built.")
            build_data["force_include"][str(folder)] = f"kosha/wiring/files/{name}"
