"""A stage as CloudFormation would get it, with what the checks of cdk-nag say to it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import app
import aws_cdk as cdk
import cdk_nag

ROOT = Path(__file__).parents[2]
Properties = dict[str, Any]


class Resource(NamedTuple):
    """A resource of a template. `path` is its place in the tree of constructs."""

    stack: str
    name: str
    path: str
    type: str
    properties: Properties
    whole: dict[str, Any]


class Finding(NamedTuple):
    """What a rule of cdk-nag has against a resource."""

    rule: str
    path: str


@dataclass(frozen=True)
class Synthesised:
    """The templates of a stage by the name of their stack."""

    name: str
    folder: Path
    templates: Mapping[str, dict[str, Any]]
    findings: tuple[Finding, ...]

    def resources(self, *types: str) -> Iterator[Resource]:
        """The resources of these types, in all stacks."""
        for stack, template in self.templates.items():
            for name, whole in template["Resources"].items():
                if whole["Type"] in types or not types:
                    path = whole.get("Metadata", {}).get("aws:cdk:path", f"{stack}/{name}")
                    yield Resource(stack, name, path, whole["Type"], whole.get("Properties", {}), whole)

    def one(self, type: str, path: str) -> Resource:
        """The resource of that type whose path begins so."""
        [found] = [each for each in self.resources(type) if each.path.startswith(path)]
        return found

    def outputs(self) -> set[str]:
        """The names of all outputs."""
        return {name for template in self.templates.values() for name in template.get("Outputs", {})}


def synthesise(stage: str, folder: Path, changes: Mapping[str, Any] | None = None) -> Synthesised:
    """Synthesise a stage into a folder. changes: settings instead of those in cdk.json."""
    context = json.loads((ROOT / "cdk.json").read_text())["context"]
    if changes:
        context["stages"] = {**context["stages"], stage: changes}
    quiet = {
        "aws:cdk:bundling-stacks": [],
        "aws:cdk:enable-path-metadata": True,
        "@aws-cdk/core:annotationsInValidationReport": False,
    }
    application = cdk.App(context={**context, "stage": stage, **quiet}, outdir=str(folder), analytics_reporting=False)
    app.build(application, app.stage_of(application))
    checks = cdk_nag.AwsSolutionsChecks(reports=True, report_formats=[cdk_nag.NagReportFormat.JSON])
    cdk.Aspects.of(application).add(checks)
    application.synth()
    templates = {path.name.split(".")[0]: json.loads(path.read_text()) for path in folder.glob("*.template.json")}
    return Synthesised(stage, folder, templates, tuple(sorted(set(_findings(folder)))))


def _findings(folder: Path) -> Iterator[Finding]:
    for report in folder.glob("*NagReport.json"):
        for line in json.loads(report.read_text())["lines"]:
            if line["compliance"] == "Non-Compliant":
                yield Finding(line["ruleId"], line["resourceId"])
