"""CloudFormation as far as the commands ask it: stacks with outputs, resources and templates, that can be deleted."""

from collections.abc import Iterator, Mapping
from typing import Any


class NoStack(Exception):
    """What boto3 raises."""


class Deployed:
    """`resources`: by stack and logical name (type, physical name, deletion policy)."""

    def __init__(
        self,
        *,
        outputs: Mapping[str, Mapping[str, str]] | None = None,
        resources: Mapping[str, Mapping[str, tuple[str, str, str]]] | None = None,
    ) -> None:
        self.exceptions = type("Exceptions", (), {"ClientError": NoStack})
        self._outputs = outputs or {}
        self._resources = resources or {}
        self.stacks = {*self._outputs, *self._resources}
        self.deleted: list[str] = []
        self.protected = set(self.stacks)

    def describe_stacks(self, **asked: str) -> dict[str, Any]:
        name = asked["StackName"]
        if name not in self.stacks:
            raise NoStack(f"Stack with id {name} does not exist")
        outputs = [{"OutputKey": key, "OutputValue": value} for key, value in self._outputs.get(name, {}).items()]
        return {"Stacks": [{"StackStatus": "CREATE_COMPLETE", "Outputs": outputs}]}

    def get_template(self, **asked: str) -> dict[str, Any]:
        resources = self._resources[asked["StackName"]].items()
        return {
            "TemplateBody": {
                "Resources": {name: {"Type": type, "DeletionPolicy": policy} for name, (type, _, policy) in resources}
            }
        }

    def get_paginator(self, _: str) -> "Deployed":
        return self

    def paginate(self, **asked: str) -> Iterator[dict[str, Any]]:
        for name, (_, physical, _) in self._resources[asked["StackName"]].items():
            yield {"StackResourceSummaries": [{"LogicalResourceId": name, "PhysicalResourceId": physical}]}

    def update_termination_protection(self, **asked: Any) -> None:
        self.protected.discard(asked["StackName"])

    def delete_stack(self, **asked: str) -> None:
        assert asked["StackName"] not in self.protected
        self.stacks.remove(asked["StackName"])
        self.deleted.append(asked["StackName"])

    def get_waiter(self, _: str) -> "Deployed":
        return self

    def wait(self, **asked: Any) -> None:
        assert asked["StackName"] not in self.stacks
