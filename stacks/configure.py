"""Chooses the settings of a stage and writes them into cdk.json: asks for them, or takes them from the command line.

`python -m stacks.configure --stage mine` asks; `... --set network.egress=nat_gateway --set life.log_days=90` does not.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import click
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from stacks import settings, stages
from stacks.estimate import estimate, total
from stacks.settings import SettingRefused, Stage

Chosen = dict[str, Any]
# What the wizard asks, in this order; everything else is set by name.
QUESTIONS = (
    "models.default", "life.alarm_email", "life.retain", "life.log_days", "network.egress",
    "network.interface_endpoints", "database.max_capacity", "database.auto_pause_minutes", "people.mfa",
    "people.rest_authorizer", "chat.snap_start", "ingestion.parse_in", "ingestion.image", "web.waf", "web.price_class",
)  # fmt: skip


def changed(stage: str, chosen: Chosen, path: str, text: str) -> Chosen:
    """The settings of a stage with one of them set. Raises SettingRefused, which names what is allowed.

    text: JSON, or plain text where the setting is one: `web.price_class=200` is a text, `life.log_days=90` a number.
    """
    tried = [_with(chosen, path.split("."), value) for value in _readings(text)]
    refusals: list[SettingRefused] = []
    for one in tried:
        try:
            settings.read(stage, {stage: one})
        except SettingRefused as refused:
            refusals.append(refused)
        else:
            return one
    raise refusals[0]


def without(chosen: Chosen, path: str) -> Chosen:
    """The settings with one of them left to its default."""
    first, _, rest = path.partition(".")
    inner = without(chosen.get(first, {}), rest) if rest else {}
    others = {name: value for name, value in chosen.items() if name != first}
    return {**others, first: inner} if inner else others


def _readings(text: str) -> list[Any]:
    try:
        return [json.loads(text), text]
    except json.JSONDecodeError:
        return [text]


def _with(chosen: Chosen, path: Sequence[str], value: Any) -> Chosen:
    first, *rest = path
    inner = chosen.get(first, {})
    return {**chosen, first: _with(inner if isinstance(inner, dict) else {}, rest, value) if rest else value}


def _field(path: str) -> FieldInfo:
    group: type[BaseModel] = Stage
    *groups, name = path.split(".")
    for part in groups:
        inner = group.model_fields[part].annotation
        assert isinstance(inner, type)
        group = inner
    return group.model_fields[name]


def _value(stage: Stage, path: str) -> Any:
    value: Any = stage
    for part in path.split("."):
        value = getattr(value, part)
    return value


def _question(path: str) -> str:
    field = _field(path)
    allowed = get_args(field.annotation) if get_origin(field.annotation) is Literal else ()
    choices = f" [{', '.join(map(str, allowed))}]" if allowed else ""
    return f"{path}: {field.description or ''}{choices}"


def _shown(value: Any) -> str:
    if value is None:
        return "null"
    return value if isinstance(value, str) else json.dumps(value)


def _ask(stage: str, chosen: Chosen, path: str) -> Chosen:
    """Ask until the answer can be had; what was answered as it is already is not written."""
    while True:
        now = _shown(_value(settings.read(stage, {stage: chosen}), path))
        answer: str = click.prompt(_question(path), default=now)
        if answer == now:
            return chosen
        try:
            return changed(stage, chosen, path, answer)
        except SettingRefused as refused:
            click.echo(f"  {refused}")


@click.command()
@click.option("--stage", required=True, help="The stage's name; a new one begins with all defaults.")
@click.option("--set", "sets", multiple=True, metavar="KEY=VALUE", help="A setting, as in network.egress=ipv6.")
@click.option("--unset", "unsets", multiple=True, metavar="KEY", help="Leave a setting to its default.")
@click.option("--file", type=click.Path(path_type=Path), default=stages.CDK, hidden=True)
def main(stage: str, sets: tuple[str, ...], unsets: tuple[str, ...], file: Path) -> None:
    """Choose the settings of a stage. Without --set and --unset it asks."""
    try:
        chosen = dict(stages.stages(file).get(stage, {}))
        settings.read(stage, {stage: chosen})
        for path in unsets:
            chosen = without(chosen, path)
        for one in sets:
            path, equals, text = one.partition("=")
            if not equals:
                raise SettingRefused(f"--set {one!r}: write it as KEY=VALUE.")
            chosen = changed(stage, chosen, path, text)
        if not sets and not unsets:
            for path in QUESTIONS:
                chosen = _ask(stage, chosen, path)
        stages.write(stage, chosen, file)
    except SettingRefused as refused:
        sys.exit(str(refused))
    click.echo(f"{file.name}: stage {stage!r} = {json.dumps(chosen)}")
    _say_cost(stage, file)


def _say_cost(stage: str, file: Path) -> None:
    """What the choice costs, where all its prices are known."""
    try:
        usd = total(estimate(stages.stage(stage, file)).at_rest)
        click.echo(f"At rest it costs about {usd:.2f} USD a month (`make estimate`).")
    except SettingRefused as refused:
        click.echo(f"Its cost cannot be estimated: {refused}")


if __name__ == "__main__":
    main()
