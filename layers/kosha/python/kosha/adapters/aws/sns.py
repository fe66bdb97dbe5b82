"""The topic of a conversation: questions go in, news of their ends goes out. Messages carry ids only."""

import json
from typing import Any, Literal, Protocol

from kosha.adapters.aws.errors import told_as_ours
from kosha.model.turn import Ask, TurnKey

Direction = Literal["IN", "OUT"]


class Sns(Protocol):
    """`boto3.client("sns")`."""

    def publish(self, **request: Any) -> dict[str, Any]: ...


class SnsAsks:
    """Fits the port `Asks`."""

    def __init__(self, sns: Sns, topic_arn: str) -> None:
        self._sns = sns
        self._topic_arn = topic_arn

    def send(self, ask: Ask) -> None:
        """Hand it on; at least once. Raises Unavailable."""
        with told_as_ours("hand the question on"):
            self._sns.publish(**_message(self._topic_arn, ask.key, "IN", ask.trace_id))


class SnsEndings:
    """Fits the port `Endings`."""

    def __init__(self, sns: Sns, topic_arn: str) -> None:
        self._sns = sns
        self._topic_arn = topic_arn

    def send(self, key: TurnKey, *, trace_id: str | None) -> None:
        """Tell that the turn has ended; at least once. Raises Unavailable."""
        with told_as_ours("tell that the answer has ended"):
            self._sns.publish(**_message(self._topic_arn, key, "OUT", trace_id))


def _message(topic_arn: str, key: TurnKey, direction: Direction, trace_id: str | None) -> dict[str, Any]:
    attributes = {"direction": direction} | ({"traceId": trace_id} if trace_id else {})
    return {
        "TopicArn": topic_arn,
        "Message": json.dumps({"userId": key.user_id, "messageId": key.message_id}),
        "MessageAttributes": {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()},
    }
