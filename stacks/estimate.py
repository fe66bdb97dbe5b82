"""What a stage costs a month when nobody asks, and for 1,000 questions: `python -m stacks.estimate --stage default`."""

import json
import sys
import tomllib
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, NamedTuple

import click

from stacks.settings import SettingRefused, Stage
from stacks.stages import stage as stage_of

HERE = Path(__file__).parent
MODELS = HERE.parent / "layers" / "kosha" / "python" / "kosha" / "wiring" / "models.toml"
HOURS = 730  # of a month
MINUTES = HOURS * 60
SECONDS = MINUTES * 60
THOUSAND = 1000
SWEEP_METRICS = 5  # that the sweep counts every minute; all others are counted while somebody asks
POLLS = 5 * 3 * MINUTES  # of a queue a month: Lambda waits at it five times over, 20 seconds each


class Line(NamedTuple):
    """What something costs. `quantity` is in what the price is for."""

    what: str
    quantity: float
    per: str
    usd: float


class Estimate(NamedTuple):
    """USD in us-east-1, without free allowances."""

    stage: str
    region: str
    date: str
    at_rest: tuple[Line, ...]
    questions: tuple[Line, ...]


class Parts(NamedTuple):
    """How many of its parts a stage has, of those that cost something each. A test counts them in the templates."""

    functions: int
    queues: int
    workflows: int
    secrets: int
    alarms: int


def estimate(stage: Stage) -> Estimate:
    """Raises SettingRefused for a model or an instance that has no price."""
    prices = Prices.read()
    lines = (tuple(each(stage, prices)) for each in (_at_rest, _questions))
    return Estimate(stage.name, prices.region, prices.date, *lines)


def parts_of(stage: Stage) -> Parts:
    """Counted from the settings, so that no stage has to be synthesised."""
    snapshots = any(each.source.way == "snapshot" for each in stage.serves.values())
    functions = 11 + (stage.people.rest_authorizer == "lambda") + 2 * snapshots
    queues, workflows = 3, 4
    has_nat_instance = stage.network.enabled and stage.network.egress == "nat_instance"
    of_functions = functions + queues + workflows + has_nat_instance + 2 * (stage.chat.canary != "off")
    of_models = len(stage.serves) + sum(each.hours is not None for each in stage.serves.values())
    watching = functions + queues + 3 + 2 * (stage.database.kind == "aurora") if stage.watching.enabled else 0
    return Parts(functions, queues, workflows, 3, of_functions + of_models + watching)


class Prices(NamedTuple):
    """prices.toml, and the models of models.toml."""

    region: str
    date: str
    prices: Mapping[str, Mapping[str, Any]]
    instances: Mapping[str, float]
    assumed: Mapping[str, float]
    models: Mapping[str, Any]

    @classmethod
    def read(cls) -> "Prices":
        """Both files."""
        models = tomllib.loads(MODELS.read_text(encoding="utf-8"))
        return cls(models=models, **tomllib.loads((HERE / "prices.toml").read_text(encoding="utf-8")))

    def line(self, what: str, price: str, quantity: float, *, of: float = 1) -> Line:
        """quantity: in single things; of: how many of them the price is for."""
        told = self.prices[price]
        return Line(what, quantity / of, told["per"], quantity / of * told["usd"])

    def tokens(self, model: str, kind: str, *names: str) -> list[float]:
        """The prices of a million tokens. Raises SettingRefused where the catalogue has none."""
        provider, _, name = model.partition("/")
        rows = [row for row in self.models[kind] if (row["provider"], row["id"]) == (provider, name)]
        facts = [row for row in self.models["model"] if fnmatch(name, row["match"])]
        told: dict[str, Any] = {**(facts[0] if facts else {}), **(rows[0] if rows else {})}
        if not all(name in told for name in names):
            raise SettingRefused(f"{model} has no price: give it one in {MODELS.name}.")
        return [float(told[name]) for name in names]

    def instance(self, name: str) -> float:
        """An hour. Raises SettingRefused where there is no price."""
        if name not in self.instances:
            raise SettingRefused(
                f"instance = {name!r} has no price: add it to prices.toml, or choose of {', '.join(self.instances)}."
            )
        return self.instances[name]


def _at_rest(stage: Stage, prices: Prices) -> Iterator[Line]:
    parts, assumed, line = parts_of(stage), prices.assumed, prices.line
    yield line("key", "kms_key", 1)
    yield line("secrets", "secret", parts.secrets)
    if stage.network.enabled:
        yield from _network(stage, prices)
    if stage.database.kind == "aurora":
        yield from _database(stage, prices)
    kept = assumed["gigabytes"]
    yield line("records", "dynamodb_storage", kept)
    yield line("records, every moment restorable", "dynamodb_recovery", kept)
    yield line("originals and what imports made", "s3_storage", 2 * kept)
    if stage.ingestion.parse_in != "function":
        yield line("image of the job that reads", "images", assumed[f"{stage.ingestion.image}_image_gigabytes"])
    yield line("waiting at queues", "sqs", parts.queues * POLLS, of=1e6)
    yield line(
        "sweep, every minute", f"lambda_{stage.functions.architecture}", MINUTES * assumed["sweep_seconds"] * 0.5
    )
    yield line("sweep: calls", "lambda_requests", MINUTES, of=1e6)
    yield line("sweep: records read", "dynamodb_reads", MINUTES * assumed["sweep_requests"], of=1e6)
    yield line("sweep: keys", "kms_requests", MINUTES / 5 * 4, of=1e4)
    yield line("sweep: metrics", "metric", SWEEP_METRICS)
    yield line("sweep: traces", "traces", MINUTES, of=1e6)
    yield line("logs", "logs", kept / 12)
    if stage.chat.snap_start:
        yield line("worker's snapshot", "snapshot_kept", SECONDS * stage.chat.worker_memory_mb / 1024)
    yield line("alarms", "alarm", parts.alarms)
    if stage.watching.enabled:
        yield line("dashboard", "dashboard", 1)
    if stage.web.enabled and stage.web.waf == "managed" and not stage.web.waf_arn:
        yield line("firewall", "waf_acl", 1)
        yield line("firewall's rules", "waf_rule", 3)
    for name, served in stage.serves.items():
        usd = prices.instance(served.instance)
        hours = HOURS * served.instances_min
        yield Line(
            f"endpoint {name}" + (" (without its hours of rest)" if served.hours else ""), hours, "hour", hours * usd
        )


def _network(stage: Stage, prices: Prices) -> Iterator[Line]:
    if stage.network.egress == "nat_instance":
        yield prices.line("NAT instance", "t4g_nano", HOURS)
        yield prices.line("its disk", "gp3", 8)
    if stage.network.egress == "nat_gateway":
        yield prices.line("NAT gateway", "nat_gateway", HOURS)
    if stage.network.egress in ("nat_instance", "nat_gateway"):
        yield prices.line("its public address", "public_ipv4", HOURS)
    endpoints = len(stage.network.interface_endpoints) * stage.network.zones
    if endpoints:
        yield prices.line("interface endpoints", "interface_endpoint", endpoints * HOURS)


def _database(stage: Stage, prices: Prices) -> Iterator[Line]:
    chosen = stage.database
    yield prices.line("vectors", "aurora_storage", prices.assumed["gigabytes"])
    if chosen.min_capacity:
        yield prices.line(
            "database, never asleep", "aurora_capacity", HOURS * chosen.min_capacity * (1 + chosen.readers)
        )
    if chosen.proxy:
        yield prices.line("database proxy", "rds_proxy", HOURS * max(8, chosen.max_capacity * (1 + chosen.readers)))


def _questions(stage: Stage, prices: Prices) -> Iterator[Line]:
    """Of 1,000 questions, beyond what the stage costs at rest."""
    assumed, line = prices.assumed, prices.line
    read, written = prices.tokens(stage.models.default, "chat", "price_input_per_million", "price_output_per_million")
    [embedded] = prices.tokens(stage.models.embeddings[0], "embedding", "price_per_million")
    for what, tokens, usd in (
        (f"{stage.models.default}: read", assumed["input_tokens"], read),
        (f"{stage.models.default}: written", assumed["output_tokens"], written),
        (f"{stage.models.embeddings[0]}", assumed["embedded_tokens"], embedded),
    ):
        millions = THOUSAND * tokens / 1e6
        yield Line(what, millions, "million tokens", millions * usd)
    frames = THOUSAND * assumed["frames"]
    worker = THOUSAND * assumed["answer_seconds"] * stage.chat.worker_memory_mb / 1024
    architecture = f"lambda_{stage.functions.architecture}"
    yield line("worker", architecture, worker)
    yield line("other functions", architecture, THOUSAND * assumed["rest_calls_a_question"] * 0.5)
    yield line("calls of functions", "lambda_requests", THOUSAND * (3 + 2 * assumed["rest_calls_a_question"]), of=1e6)
    yield line("records written", "dynamodb_writes", frames * assumed["record_writes"], of=1e6)
    yield line("records read", "dynamodb_reads", frames * assumed["record_writes"], of=1e6)
    yield line("frames to browsers", "socket_messages", frames, of=1e6)
    yield line("open sockets", "socket_minutes", THOUSAND * 10, of=1e6)
    yield line("calls of the REST API", "rest_calls", THOUSAND * assumed["rest_calls_a_question"], of=1e6)
    yield line("messages", "sns", THOUSAND * 2, of=1e6)
    yield line("messages taken", "sqs", THOUSAND * 8, of=1e6)
    yield line("keys", "kms_requests", THOUSAND * 10, of=1e4)
    yield line("traces", "traces", THOUSAND * 8, of=1e6)
    yield line("logs", "logs", THOUSAND * 2e-5)
    if stage.web.enabled:
        yield line("edge: requests", "cloudfront_requests", THOUSAND * 10, of=1e4)
        yield line("edge: sent", "cloudfront_out", THOUSAND * 2e-4)
    if stage.database.kind == "aurora":
        hours = THOUSAND / assumed["questions_an_hour"]
        awake = max(0.0, assumed["awake_capacity"] - stage.database.min_capacity) * (1 + stage.database.readers)
        yield line("database, awake", "aurora_capacity", hours * awake)
        yield line("database: requests", "aurora_requests", THOUSAND * 200, of=1e6)


def total(lines: tuple[Line, ...]) -> float:
    """USD."""
    return sum(line.usd for line in lines)


def as_json(made: Estimate) -> dict[str, Any]:
    """For machines."""
    parts = {"atRest": made.at_rest, "perThousandQuestions": made.questions}
    told = {
        name: {"usd": round(total(lines), 2), "lines": [line._asdict() for line in lines]}
        for name, lines in parts.items()
    }
    return {"stage": made.stage, "region": made.region, "pricesOf": made.date, **told}


def as_table(made: Estimate) -> str:
    """For people, what costs most first."""
    rows = [f"Stage {made.stage}: USD in {made.region}, prices of {made.date}, without free allowances\n"]
    for title, lines in (("A month at rest", made.at_rest), ("1,000 questions", made.questions)):
        rows.append(f"{title:<50}{total(lines):>10.2f}")
        ordered = sorted(lines, key=lambda line: -line.usd)
        rows += [f"  {each.what:<48}{each.usd:>10.2f}   {each.quantity:,.2f} x {each.per}" for each in ordered]
        rows.append("")
    return "\n".join(rows)


@click.command()
@click.option("--stage", default="default", show_default=True, help="An entry of `stages` in cdk.json.")
@click.option("--json", "for_machines", is_flag=True, help="JSON instead of a table.")
def main(stage: str, for_machines: bool) -> None:
    """Estimate what a stage costs."""
    try:
        made = estimate(stage_of(stage))
    except SettingRefused as refused:
        sys.exit(str(refused))
    click.echo(json.dumps(as_json(made), indent=2) if for_machines else as_table(made))


if __name__ == "__main__":
    main()
