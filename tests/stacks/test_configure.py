"""Choosing a stage's settings: by questions or by name; a bad value is refused with what is allowed."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from stacks.configure import QUESTIONS, main

from stacks import stages


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A copy of the project's cdk.json."""
    copy = tmp_path / "cdk.json"
    copy.write_text(stages.CDK.read_text())
    return copy


def configure(file: Path, *arguments: str, answers: list[str] | None = None) -> Result:
    given = "\n".join([*(answers or []), *[""] * 40])
    return CliRunner().invoke(main, ["--stage", "mine", "--file", str(file), *arguments], input=given)


def chosen(file: Path) -> dict[str, Any]:
    return stages.stages(file)["mine"]


def test_settings_are_written_by_name_with_the_types_they_have(file: Path) -> None:
    ended = configure(
        file,
        *("--set", "network.egress=nat_gateway"),
        *("--set", "life.log_days=90"),
        *("--set", "web.price_class=200"),
        *("--set", 'network.interface_endpoints=["sqs", "sns"]'),
        *("--set", "life.retain=false"),
    )
    assert ended.exit_code == 0, ended.output
    assert chosen(file) == {
        "network": {"egress": "nat_gateway", "interface_endpoints": ["sqs", "sns"]},
        "life": {"log_days": 90, "retain": False},
        "web": {"price_class": "200"},
    }


def test_everything_else_in_the_file_stays_as_it_is(file: Path) -> None:
    before = json.loads(file.read_text())
    configure(file, "--set", "life.log_days=90")
    after = json.loads(file.read_text())
    del after["context"]["stages"]["mine"]
    assert after == before
    assert list(after["context"]) == list(before["context"])


def test_other_settings_of_the_stage_stay(file: Path) -> None:
    configure(file, "--set", "network.egress=nat_gateway", "--set", "network.zones=3")
    configure(file, "--set", "network.zones=2")
    assert chosen(file) == {"network": {"egress": "nat_gateway", "zones": 2}}


def test_a_setting_can_be_left_to_its_default_again(file: Path) -> None:
    configure(file, "--set", "network.egress=nat_gateway", "--set", "network.zones=3", "--set", "life.log_days=90")
    configure(file, "--unset", "network.zones", "--unset", "life.log_days")
    assert chosen(file) == {"network": {"egress": "nat_gateway"}}


def test_a_model_to_serve_is_set_as_json(file: Path) -> None:
    served = {
        "kind": "llm",
        "model": "a/b",
        "instance": "ml.g5.xlarge",
        "source": {"way": "image", "image": "huggingface-x:1"},
    }
    ended = configure(file, "--set", f"serves.llama={json.dumps(served)}")
    assert ended.exit_code == 0, ended.output
    assert chosen(file)["serves"]["llama"] == served


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("network.egress=nat", "'nat_instance' or 'nat_gateway'"),
        ("life.log_days=31", "1, 3, 5"),
        ("network.egres=nat_gateway", "allowed are cidr, egress"),
        ("nettwork.egress=nat_gateway", "allowed are api"),
        ("database.min_capacity=8", "must not be above max_capacity"),
        ("life.alarm_email=nobody", "pattern"),
        ("network.egress", "KEY=VALUE"),
    ],
)
def test_a_bad_value_is_refused_with_what_is_allowed_and_nothing_is_written(
    file: Path, setting: str, words: str
) -> None:
    before = file.read_text()
    ended = configure(file, "--set", setting)
    assert ended.exit_code == 1
    assert words in ended.output
    assert file.read_text() == before


def test_the_wizard_writes_what_was_answered_otherwise_than_it_is(file: Path) -> None:
    answers = {"life.log_days": "90", "network.egress": "nat_gateway"}
    ended = configure(file, answers=[answers.get(question, "") for question in QUESTIONS])
    assert ended.exit_code == 0, ended.output
    assert chosen(file) == {"life": {"log_days": 90}, "network": {"egress": "nat_gateway"}}


def test_the_wizard_asks_again_after_a_bad_answer_and_says_what_is_allowed(file: Path) -> None:
    answers = [""] * QUESTIONS.index("network.egress") + ["carrier pigeon", "nat_gateway"]
    ended = configure(file, answers=answers)
    assert "mine.network.egress = 'carrier pigeon'" in ended.output
    assert chosen(file) == {"network": {"egress": "nat_gateway"}}


def test_the_wizard_shows_choices_and_what_they_are_for(file: Path) -> None:
    shown = configure(file).output
    assert "network.egress: how the private subnets reach the world [nat_instance, nat_gateway]" in shown


def test_what_was_chosen_is_told_with_its_cost(file: Path) -> None:
    assert "USD a month" in configure(file, "--set", "network.egress=nat_gateway").output
