"""A stack that knows its stage, and what everything in it takes from that."""

from typing import Any

from aws_cdk import CfnOutput, CliCredentialsStackSynthesizer, RemovalPolicy, Stack, Tags
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from constructs import Construct

from stacks.settings import Stage


class KoshaStack(Stack):
    """Named `kosha-<stage>-<part>`; what it prints after a deployment is in its outputs."""

    def __init__(self, scope: Construct, part: str, stage: Stage, *, holds_data: bool = False, **more: Any) -> None:
        super().__init__(
            scope,
            part.capitalize(),
            stack_name=f"kosha-{stage.name}-{part}",
            termination_protection=holds_data and stage.life.termination_protection,
            synthesizer=CliCredentialsStackSynthesizer() if stage.deploys_as == "caller" else None,
            **more,
        )
        self.stage_settings = stage
        self.alarm_topic: sns.ITopic | None = None
        Tags.of(self).add("kosha:stage", stage.name)

    @staticmethod
    def around(construct: Construct) -> "KoshaStack":
        """The stack that a construct is in."""
        stack = Stack.of(construct)
        assert isinstance(stack, KoshaStack), f"{construct.node.path} is in no KoshaStack"
        return stack

    @property
    def data_policy(self) -> RemovalPolicy:
        """What happens to data when its stack is deleted."""
        return RemovalPolicy.RETAIN if self.stage_settings.life.retain else RemovalPolicy.DESTROY

    def output(self, name: str, value: str) -> None:
        """Print a value after the deployment, under a name that all stages share."""
        CfnOutput(self, f"Out{name}", key=name, value=value)


def kept_logs(scope: Construct, id: str) -> logs.LogGroup:
    """A log group that forgets after the stage's days."""
    days = KoshaStack.around(scope).stage_settings.life.log_days
    return logs.LogGroup(scope, id, retention=_RETENTION[days], removal_policy=RemovalPolicy.DESTROY)


def alarm(scope: Construct, id: str, metric: cloudwatch.IMetric, *, above: float, says: str) -> cloudwatch.Alarm:
    """Tell the people who watch when a metric is above a number in one period; no data is no alarm."""
    made = cloudwatch.Alarm(
        scope,
        id,
        metric=metric,
        threshold=above,
        evaluation_periods=1,
        comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
        treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        alarm_description=says,
    )
    topic = KoshaStack.around(scope).alarm_topic
    if topic:
        made.add_alarm_action(actions.SnsAction(topic))
    return made


_RETENTION = {
    1: logs.RetentionDays.ONE_DAY,
    3: logs.RetentionDays.THREE_DAYS,
    5: logs.RetentionDays.FIVE_DAYS,
    7: logs.RetentionDays.ONE_WEEK,
    14: logs.RetentionDays.TWO_WEEKS,
    30: logs.RetentionDays.ONE_MONTH,
    60: logs.RetentionDays.TWO_MONTHS,
    90: logs.RetentionDays.THREE_MONTHS,
    120: logs.RetentionDays.FOUR_MONTHS,
    150: logs.RetentionDays.FIVE_MONTHS,
    180: logs.RetentionDays.SIX_MONTHS,
    365: logs.RetentionDays.ONE_YEAR,
    400: logs.RetentionDays.THIRTEEN_MONTHS,
    545: logs.RetentionDays.EIGHTEEN_MONTHS,
    731: logs.RetentionDays.TWO_YEARS,
    1096: logs.RetentionDays.THREE_YEARS,
    1827: logs.RetentionDays.FIVE_YEARS,
    3653: logs.RetentionDays.TEN_YEARS,
}
