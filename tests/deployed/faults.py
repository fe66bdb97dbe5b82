"""What goes wrong in a deployment: processes that die, messages that come twice, tables that are asked too much."""

import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import psutil
from emulated.run import Deployed


class Faults:
    """Hands on one deployment."""

    def __init__(self, deployment: Deployed) -> None:
        self.deployment = deployment
        self._outputs = deployment.outputs

    def client(self, service: str) -> Any:
        """A client of boto3, with every right."""
        return self.deployment.client(service)

    def kill(self, function: str) -> int:
        """Kill every process of a function, at once; returns how many there were."""
        emulator = psutil.Process(self.deployment.emulator.process.pid)
        processes = [one for one in emulator.children() if f"-{function}" in " ".join(one.cmdline())]
        for one in processes:
            os.kill(one.pid, signal.SIGKILL)
        return len(processes)

    def publish(self, direction: str, body: str) -> None:
        """A message of the topic, as the product would send it."""
        attributes = {"direction": {"DataType": "String", "StringValue": direction}}
        self.client("sns").publish(
            TopicArn=self._outputs["MessagesTopicArn"], Message=body, MessageAttributes=attributes
        )

    def sweep(self) -> None:
        """What the clock does every minute."""
        self.invoke("kosha-emulated-chat-Sweep")

    def invoke(self, beginning: str) -> None:
        """Run the function whose name begins so."""
        functions = self.client("lambda").list_functions()["Functions"]
        [name] = [each["FunctionName"] for each in functions if each["FunctionName"].startswith(beginning)]
        told = self.client("lambda").invoke(FunctionName=name, Payload=b"{}")
        assert "FunctionError" not in told, told["Payload"].read()

    @contextmanager
    def impatient(self, queue: str) -> Iterator[None]:
        """Messages of a queue that failed come back after a second, not after six times their function's time."""
        sqs, url = self.client("sqs"), self._outputs[f"{queue}QueueUrl"]
        [before] = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])["Attributes"].values()
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "1"})
        try:
            yield
        finally:
            sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": before})

    @contextmanager
    def throttled(self, *tables: str) -> Iterator[None]:
        """These tables answer that they are asked too much."""
        self.deployment.emulator.throttle(*(self._outputs[f"{table.capitalize()}Table"] for table in tables))
        try:
            yield
        finally:
            self.deployment.emulator.throttle()

    def waiting(self, queue: str) -> int:
        """How many messages could be taken off a queue now."""
        url = self._outputs[f"{queue}Url"]
        names = ["ApproximateNumberOfMessages"]
        return int(self.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"][names[0]])

    def redrive(self, queue: str) -> None:
        """Have the dead letters of a queue delivered once more."""
        sqs, url = self.client("sqs"), self._outputs[f"{queue}DeadLettersUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        sqs.start_message_move_task(SourceArn=arn)

    def is_alarmed(self, queue: str) -> bool:
        """Whether the alarm on the dead letters of a queue has risen."""
        name = self._outputs[f"{queue}DeadLettersUrl"].rpartition("/")[2]
        alarms = self.client("cloudwatch").describe_alarms()["MetricAlarms"]
        of_queue = [one for one in alarms if {"Name": "QueueName", "Value": name} in one["Dimensions"]]
        assert of_queue, f"{name} has no alarm"
        return any(one["StateValue"] == "ALARM" for one in of_queue)

    def connections_of(self, user_id: str) -> list[str]:
        """Ids of the connections that are on record for a user."""
        found = self.client("dynamodb").query(
            TableName=self._outputs["ConnectionsTable"],
            IndexName="by_user",
            KeyConditionExpression="user_id = :user",
            ExpressionAttributeValues={":user": {"S": user_id}},
        )
        return [item["connection_id"]["S"] for item in found["Items"]]

    def leave_behind(self, connection_id: str) -> str:
        """The record of a connection like this one, of which the gateway knows nothing; returns its id."""
        dynamodb, table = self.client("dynamodb"), self._outputs["ConnectionsTable"]
        item = dynamodb.get_item(TableName=table, Key={"connection_id": {"S": connection_id}})["Item"]
        stale = f"stale-{uuid4().hex[:8]}"
        ends_at = item["ends_at"]["S"].partition("#")[0] + f"#{stale}"
        changed = {"connection_id": {"S": stale}, "ends_at": {"S": ends_at}}
        dynamodb.put_item(TableName=table, Item={**item, **changed})
        return stale

    def let_expire(self, connection_id: str) -> None:
        """Have the token of an open socket end now."""
        dynamodb, table = self.client("dynamodb"), self._outputs["ConnectionsTable"]
        key = {"connection_id": {"S": connection_id}}
        item = dynamodb.get_item(TableName=table, Key=key)["Item"]
        authorisation, now = json.loads(item["authorisation"]["S"]), int(time.time())
        [field] = [name for name in authorisation if name.lower().replace("_", "") == "expiresat"]
        authorisation[field] = now - 1
        changed = {
            "authorisation": {"S": json.dumps(authorisation)},
            "ends_at": {"S": f"{now - 1:012d}#{connection_id}"},
        }
        dynamodb.put_item(TableName=table, Item={**item, **changed})
