"""What a stage costs: the default one rests under 25 USD, prices have sources, counts are those of templates."""

import json
from datetime import date

import pytest
from click.testing import CliRunner
from stacks.estimate import Prices, estimate, main, parts_of, total
from stacks.settings import SettingRefused
from stacks.stages import stage as stage_named
from stacks.stages import stages as of_the_project
from tests.stacks.conftest import Stages

from stacks import estimate as estimates
from stacks import settings

REST = {"minilm": {"kind": "embedding", "model": "sentence-transformers/all-MiniLM-L6-v2", "instance": "ml.g5.xlarge",
                   "source": {"way": "image", "image": "huggingface-x:1"}}}  # fmt: skip


def usd(name: str, **changes: object) -> dict[str, float]:
    """The lines at rest of a stage with other settings."""
    made = estimate(settings.read("other", {"other": {**of_the_project()[name], **changes}}))
    return {line.what: line.usd for line in made.at_rest}


def test_the_default_stage_rests_under_25_usd_a_month() -> None:
    assert 5 < total(estimate(stage_named("default")).at_rest) < 25


def test_the_specified_stage_pays_for_its_gateway_and_its_endpoints() -> None:
    lines = usd("specified")
    assert lines["NAT gateway"] == pytest.approx(32.85)
    assert lines["interface endpoints"] == pytest.approx(2 * 2 * 7.30)


@pytest.mark.parametrize("name", ["default", "specified"])
def test_the_counts_are_those_of_the_templates(name: str, stages: Stages) -> None:
    made, counted = stages(name), parts_of(stage_named(name))
    assert len(list(made.resources("AWS::CloudWatch::Alarm"))) == counted.alarms
    assert len(list(made.resources("AWS::SecretsManager::Secret"))) == counted.secrets
    assert len(list(made.resources("AWS::Lambda::EventSourceMapping"))) == counted.queues
    assert len(list(made.resources("AWS::KMS::Key"))) == 1
    ours = [
        each for each in made.resources("AWS::Lambda::Function") if "POWERTOOLS_SERVICE_NAME" in str(each.properties)
    ]
    assert len(ours) == counted.functions


@pytest.mark.parametrize("name", ["default", "specified"])
def test_what_is_billed_by_the_hour_is_in_the_estimate(name: str, stages: Stages) -> None:
    """A template that grows such a resource must grow a line here."""
    billed = {
        "AWS::EC2::NatGateway": "NAT gateway",
        "AWS::EC2::Instance": "NAT instance",
        "AWS::RDS::DBProxy": "database proxy",
        "AWS::SageMaker::Endpoint": "endpoint",
        "AWS::WAFv2::WebACL": "firewall",
        "AWS::CloudWatch::Dashboard": "dashboard",
    }
    there = {line for type, line in billed.items() if any(stages(name).resources(type))}
    assert there == {line for line in billed.values() if any(each.startswith(line) for each in usd(name))}


def test_settings_move_the_estimate() -> None:
    assert "NAT instance" not in usd("default", network={"egress": "nat_gateway"})
    assert usd("default", database={"min_capacity": 0.5})["database, never asleep"] == pytest.approx(0.5 * 0.12 * 730)
    assert usd("default", web={"waf": "managed"})["firewall"] == 5
    assert usd("default", serves=REST)["endpoint minilm"] == pytest.approx(1.408 * 730)
    assert "worker's snapshot" not in usd("default", chat={"snap_start": False, "canary": "off"})


def test_an_instance_without_a_price_is_refused_by_name() -> None:
    with pytest.raises(SettingRefused, match=r"ml\.p6\.huge"):
        usd("default", serves={"minilm": {**REST["minilm"], "instance": "ml.p6.huge"}})


def test_a_model_without_a_price_is_refused_by_name() -> None:
    with pytest.raises(SettingRefused, match="acme/none has no price"):
        estimate(settings.read("other", {"other": {"models": {"default": "acme/none"}}}))


def test_every_price_has_a_source_and_the_table_a_date() -> None:
    prices = Prices.read()
    assert date.fromisoformat(prices.date) <= date(2100, 1, 1)
    assert all(each["source"].startswith("https://aws.amazon.com/") for each in prices.prices.values())
    assert all(each["usd"] > 0 for each in prices.prices.values())


def test_most_prices_were_seen_on_a_page_that_states_them() -> None:
    prices = Prices.read().prices
    seen = {name: each["seen"] for name, each in prices.items() if "seen" in each}
    assert all(page.startswith("https://") for page in seen.values())
    assert set(prices) - set(seen) == {"gp3", "rds_proxy", "dynamodb_recovery", "images", "cloudfront_requests"}


def test_the_table_lists_every_line_and_the_json_adds_up() -> None:
    shown = CliRunner().invoke(main, ["--stage", "default"]).output
    told = json.loads(CliRunner().invoke(main, ["--stage", "default", "--json"]).output)
    for part in ("atRest", "perThousandQuestions"):
        assert all(line["what"] in shown for line in told[part]["lines"])
        assert sum(line["usd"] for line in told[part]["lines"]) == pytest.approx(told[part]["usd"], abs=0.01)
    assert told["pricesOf"] == Prices.read().date


def test_a_stage_that_is_not_there_is_refused_with_those_that_are() -> None:
    ended = CliRunner().invoke(main, ["--stage", "none"])
    assert ended.exit_code == 1
    assert "allowed are default" in str(ended.output)


def test_prices_are_multiplied_as_their_units_say() -> None:
    line = Prices.read().line("calls", "sqs", 2_000_000, of=1e6)
    assert line == estimates.Line("calls", 2.0, "million requests", 0.8)
