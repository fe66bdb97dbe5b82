"""What is watched: every function and queue, the gateways, the database; and a worker that goes back when it fails."""

import json
from typing import Any

import pytest
from stacks.settings import SettingRefused
from tests.stacks import parts
from tests.stacks.conftest import Stages
from tests.stacks.synthesised import Synthesised


@pytest.fixture
def made(stages: Stages) -> Synthesised:
    return stages("default")


def alarms(made: Synthesised, metric: str) -> list[dict[str, Any]]:
    return [
        each.properties
        for each in made.resources("AWS::CloudWatch::Alarm")
        if each.properties.get("MetricName") == metric
    ]


def folders(made: Synthesised) -> list[str]:
    variables = (
        each.properties.get("Environment", {}).get("Variables", {}) for each in made.resources("AWS::Lambda::Function")
    )
    return [each["POWERTOOLS_SERVICE_NAME"] for each in variables if "POWERTOOLS_SERVICE_NAME" in each]


def test_every_function_has_alarms_for_errors_and_throttles(real_stage: Synthesised) -> None:
    of_versions = 1  # the worker's alias has one of its own, for its releases
    assert len(alarms(real_stage, "Errors")) == len(folders(real_stage)) + of_versions
    assert len(alarms(real_stage, "Throttles")) == len(folders(real_stage))


def test_every_queue_has_alarms_for_dead_letters_and_for_what_waits_too_long(real_stage: Synthesised) -> None:
    queues = len(list(real_stage.resources("AWS::Lambda::EventSourceMapping")))
    assert len(alarms(real_stage, "ApproximateNumberOfMessagesVisible")) == queues
    late = alarms(real_stage, "ApproximateAgeOfOldestMessage")
    assert len(late) == queues
    assert {each["Threshold"] for each in late} == {600}


@pytest.mark.parametrize(
    "metric", ["5XXError", "Latency", "IntegrationError", "ACUUtilization", "DatabaseConnections", "FailedAnswers"]
)
def test_gateways_database_and_answers_are_watched(real_stage: Synthesised, metric: str) -> None:
    assert len(alarms(real_stage, metric)) == 1


def test_every_alarm_tells_people_and_says_what_it_is_about(real_stage: Synthesised) -> None:
    for each in real_stage.resources("AWS::CloudWatch::Alarm"):
        assert each.properties["AlarmActions"], each.path
        assert each.properties["AlarmDescription"], each.path


def test_the_dashboard_shows_what_the_issue_of_running_it_is(made: Synthesised) -> None:
    [board] = made.resources("AWS::CloudWatch::Dashboard")
    told = json.dumps(board.properties["DashboardBody"])
    for title in (
        "Waiting in queues",
        "Dead letters",
        "Cache hits",
        "Errors of functions",
        "p95 of functions, ms",
        "Cost of answers, USD",
        "Aurora",
    ):
        assert title in told
    for name in ("questions", "answers", "arrivals", "chat_worker", "CachedAnswers", "FirstToken"):
        assert name.lower() in told.lower()


def test_a_new_worker_takes_a_tenth_first_and_goes_back_at_an_alarm(made: Synthesised) -> None:
    [group] = made.resources("AWS::CodeDeploy::DeploymentGroup")
    rollback = group.properties["AutoRollbackConfiguration"]
    assert "DEPLOYMENT_STOP_ON_ALARM" in rollback["Events"]
    assert group.properties["AlarmConfiguration"]["Enabled"] is True
    assert len(group.properties["AlarmConfiguration"]["Alarms"]) == 2
    assert group.properties["DeploymentConfigName"] == "CodeDeployDefault.LambdaCanary10Percent5Minutes"
    alias = made.one("AWS::Lambda::Alias", "Chat/Worker")
    assert alias.whole["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]["DeploymentGroupName"] == {"Ref": group.name}


def test_the_worker_is_called_by_its_alias_or_the_release_would_move_nothing(made: Synthesised) -> None:
    [mapping] = [
        each for each in made.resources("AWS::Lambda::EventSourceMapping") if each.path.startswith("Chat/Worker")
    ]
    alias = made.one("AWS::Lambda::Alias", "Chat/Worker")
    assert alias.name in json.dumps(mapping.properties["FunctionName"])


def test_a_canary_needs_the_versions_that_snapshots_make() -> None:
    with pytest.raises(SettingRefused, match="snap_start"):
        parts.stage(chat={"snap_start": False})


def test_limits_are_settings(made: Synthesised) -> None:
    assert parts.stage(watching={"oldest_message_minutes": 3}).watching.oldest_message_minutes == 3
    with pytest.raises(SettingRefused, match="greater than"):
        parts.stage(watching={"oldest_message_minutes": 0})


def test_the_emulated_stage_has_neither_dashboard_nor_releases(stages: Stages) -> None:
    assert list(stages("emulated").resources("AWS::CloudWatch::Dashboard", "AWS::CodeDeploy::DeploymentGroup")) == []
