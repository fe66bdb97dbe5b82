"""Functions: one role each, bounded time, logs that end, traces, alarms, queues that wait long enough."""

import json

import pytest
from tests.stacks.synthesised import ROOT, Properties, Resource, Synthesised

from kosha.wiring.aws_settings import AwsSettings

FOLDERS = {path.parent.name for path in (ROOT / "lambdas").glob("*/handler.py")}
NEED_DATABASE = {"api", "chat_worker", "database_setup", "sweep", "workflow_step", "gather_step"}


def ours(stage: Synthesised) -> dict[str, Resource]:
    """The functions of this project by their folder."""
    return {
        each.properties["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"]: each
        for each in stage.resources("AWS::Lambda::Function")
        if each.properties.get("Handler") == "handler.handler"
    }


def test_every_folder_of_lambdas_is_deployed(stages) -> None:
    assert set(ours(stages("default"))) == FOLDERS


def test_the_pools_own_authorizer_needs_no_function(stages) -> None:
    assert set(ours(stages("specified"))) == FOLDERS - {"api_authorizer"}


def test_no_two_functions_share_a_role(stage: Synthesised) -> None:
    roles = [(each.stack, str(each.properties["Role"])) for each in stage.resources("AWS::Lambda::Function")]
    assert len(roles) == len(set(roles))


def test_every_function_ends_in_bounded_time_and_is_traced(stage: Synthesised) -> None:
    for folder, function in ours(stage).items():
        assert 0 < function.properties["Timeout"] <= 900, folder
        assert function.properties["TracingConfig"] == {"Mode": "Active"}, folder
        assert function.properties["LoggingConfig"]["LogFormat"] == "JSON", folder


def test_the_functions_before_a_gateway_end_before_the_gateway_does(stage: Synthesised) -> None:
    for folder in {"api", "chat_connection", "chat_incoming"}:
        assert ours(stage)[folder].properties["Timeout"] <= 29, folder


def test_every_function_writes_to_a_log_that_forgets(stage: Synthesised) -> None:
    for function in stage.resources("AWS::Lambda::Function"):
        log = function.properties["LoggingConfig"]["LogGroup"]["Ref"]
        assert stage.templates[function.stack]["Resources"][log]["Type"] == "AWS::Logs::LogGroup", function.path


def test_every_log_forgets(stage: Synthesised) -> None:
    for log in stage.resources("AWS::Logs::LogGroup"):
        assert log.properties["RetentionInDays"] in {1, 30}, log.path


def test_every_function_of_ours_has_an_alarm_for_its_errors(stage: Synthesised) -> None:
    watched = [
        (alarm.stack, json.dumps(alarm.properties["Dimensions"]))
        for alarm in stage.resources("AWS::CloudWatch::Alarm")
        if (alarm.properties.get("Namespace"), alarm.properties.get("MetricName")) == ("AWS/Lambda", "Errors")
    ]
    for folder, function in ours(stage).items():
        assert any(stack == function.stack and f'"{function.name}"' in told for stack, told in watched), folder


def test_every_alarm_tells_somebody(stage: Synthesised) -> None:
    for alarm in stage.resources("AWS::CloudWatch::Alarm"):
        assert alarm.properties["AlarmActions"], alarm.path


def test_only_functions_that_need_the_database_are_in_the_network(real_stage: Synthesised) -> None:
    assert {folder for folder, each in ours(real_stage).items() if "VpcConfig" in each.properties} == NEED_DATABASE


@pytest.mark.parametrize("folder", sorted(FOLDERS - {"api_authorizer"}))
def test_a_function_gets_the_layers_it_imports_and_no_more(stages, folder: str) -> None:
    further = {"chat_worker": {"models"}, "gather_step": {"readers"}, "workflow_step": {"readers"}}.get(folder, set())
    assert _layers(stages("default"), folder) == {"kosha", "dependencies"} | further


def test_a_function_that_reads_what_is_small_has_limits_that_fit_in_its_memory(real_stage: Synthesised) -> None:
    step = ours(real_stage)["workflow_step"].properties
    told = AwsSettings.read(_parser_variables(step))
    assert told.parser_memory_bytes <= step["MemorySize"] * 2**20 / 2
    assert told.parser_seconds <= step["Timeout"] / 10


def test_a_function_that_reads_all_files_has_the_limits_of_a_job(stages) -> None:
    assert _parser_variables(ours(stages("emulated"))["workflow_step"].properties) == {}


def test_queues_show_a_message_again_only_after_six_times_the_functions_time(stage: Synthesised) -> None:
    mappings = list(stage.resources("AWS::Lambda::EventSourceMapping"))
    assert len(mappings) == 3
    for mapping in mappings:
        function = _called_by(stage, mapping)
        queue = _queue(stage, mapping)
        assert queue.properties["VisibilityTimeout"] >= 6 * function.properties["Timeout"], mapping.path
        assert mapping.properties["FunctionResponseTypes"] == ["ReportBatchItemFailures"], mapping.path
        assert mapping.properties["ScalingConfig"]["MaximumConcurrency"] >= 2, mapping.path


def test_every_queue_has_its_dead_letters_and_an_alarm_at_the_first_of_them(stage: Synthesised) -> None:
    queues = {(each.stack, each.name): each for each in stage.resources("AWS::SQS::Queue")}
    dead = {
        (each.stack, each.properties["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0])
        for each in queues.values()
        if "RedrivePolicy" in each.properties
    }
    alarmed = {
        (alarm.stack, alarm.properties["Dimensions"][0]["Value"]["Fn::GetAtt"][0])
        for alarm in stage.resources("AWS::CloudWatch::Alarm")
        if alarm.properties.get("Namespace") == "AWS/SQS" and alarm.properties["Threshold"] == 0
    }
    assert len(dead) * 2 == len(queues)
    assert dead <= alarmed
    assert all(each.properties["SqsManagedSseEnabled"] for each in queues.values())


def test_the_worker_starts_from_a_snapshot_and_is_reached_by_its_alias(stages) -> None:
    worker = ours(stages("default"))["chat_worker"]
    assert worker.properties["SnapStart"] == {"ApplyOn": "PublishedVersions"}
    alias = stages("default").one("AWS::Lambda::Alias", "Chat/Worker/")
    [mapping] = [
        each for each in stages("default").resources("AWS::Lambda::EventSourceMapping") if "Worker" in each.path
    ]
    assert alias.name in json.dumps(mapping.properties["FunctionName"])


def test_a_topic_sends_each_direction_to_its_own_queue(stage: Synthesised) -> None:
    subscriptions = list(stage.resources("AWS::SNS::Subscription"))
    filters = sorted(
        each.properties["FilterPolicy"]["direction"][0] for each in subscriptions if "FilterPolicy" in each.properties
    )
    assert filters == ["IN", "OUT"]
    assert all(each.properties["RawMessageDelivery"] for each in subscriptions if "FilterPolicy" in each.properties)


def _parser_variables(function: Properties) -> dict[str, str]:
    told = function["Environment"]["Variables"]
    return {name: value for name, value in told.items() if name.startswith("KOSHA_PARSER")}


def _layers(stage: Synthesised, folder: str) -> set[str]:
    function = ours(stage)[folder]
    named = [each["Ref"] for each in function.properties["Layers"]]
    resources = stage.templates[function.stack]["Resources"]
    return {resources[name]["Properties"]["Description"].removeprefix("Kosha: ") for name in named}


def _called_by(stage: Synthesised, mapping: Resource) -> Resource:
    """The function of a mapping, which stands under it or under its alias in the tree."""
    stack, function, *_ = mapping.path.split("/")
    return next(each for each in ours(stage).values() if each.path == f"{stack}/{function}/Resource")


def _queue(stage: Synthesised, mapping: Resource) -> Resource:
    source = str(mapping.properties["EventSourceArn"])
    [queue] = [
        each
        for each in stage.resources("AWS::SQS::Queue")
        if "RedrivePolicy" in each.properties and each.name in source
    ]
    return queue
