"""A queue that never loses a message: what fails too often waits in a queue of its own, and somebody is told."""

from aws_cdk import Duration
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from stacks.constructs.stack import KoshaStack, alarm

DELIVERIES = 5
KEPT = Duration.days(14)


def six_times(timeout: Duration) -> Duration:
    """How long a queue hides a message that a function took, as AWS advises: its own tries end before."""
    return Duration.seconds(6 * timeout.to_seconds())


class QueueWithRedrive(sqs.Queue):
    """Encrypted, reached by TLS alone, with a dead-letter queue that raises an alarm at its first message.

    visible_after: how long a message that was taken stays hidden; at least six times its function's time.
    """

    def __init__(self, scope: Construct, id: str, *, visible_after: Duration, deliveries: int = DELIVERIES) -> None:
        tls_only = KoshaStack.around(scope).stage_settings.tls_only
        self.dead_letters = sqs.Queue(
            scope,
            f"{id}DeadLetters",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=tls_only,
            retention_period=KEPT,
        )
        super().__init__(
            scope,
            id,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=tls_only,
            retention_period=KEPT,
            visibility_timeout=visible_after,
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.dead_letters, max_receive_count=deliveries),
        )
        self._visible_after = visible_after
        alarm(
            self,
            "DeadLettersAlarm",
            self.dead_letters.metric_approximate_number_of_messages_visible(
                period=Duration.minutes(1), statistic="Maximum"
            ),
            above=0,
            says=f"{id}: a message failed {deliveries} times; see docs/operations.md, redrive",
        )
        stack = KoshaStack.around(self)
        stack.output(f"{id}QueueUrl", self.queue_url)
        stack.output(f"{id}DeadLettersUrl", self.dead_letters.queue_url)

    def serves(self, timeout: Duration | None) -> None:
        """Raises ValueError where a function's time is too long: its messages would be given out twice."""
        if timeout is None or self._visible_after.to_seconds() < six_times(timeout).to_seconds():
            raise ValueError(f"{self.node.path}: visible_after must be at least 6 times its function's timeout")
