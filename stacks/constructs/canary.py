"""A new version of a function takes a share of the work first, and goes back when it fails."""

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_codedeploy as codedeploy
from constructs import Construct

from stacks.constructs.function import PythonFunction
from stacks.constructs.stack import KoshaStack, alarm

SHARES = {
    "10_percent_5_minutes": codedeploy.LambdaDeploymentConfig.CANARY_10_PERCENT_5_MINUTES,
    "10_percent_15_minutes": codedeploy.LambdaDeploymentConfig.CANARY_10_PERCENT_15_MINUTES,
}


class CanaryRelease(Construct):
    """Moves the alias `live` of a function from version to version; an alarm sends all work back to the old one."""

    def __init__(self, scope: Construct, id: str, *, function: PythonFunction, share: str) -> None:
        super().__init__(scope, id)
        failed = alarm(
            self,
            "Errors",
            function.live.metric_errors(period=Duration.minutes(1)),
            above=0,
            says=f"{function.folder}: its new version failed and was taken back",
        )
        refused = alarm(
            self,
            "Faults",
            cloudwatch.Metric(
                namespace="Kosha",
                metric_name="FailedAnswers",
                dimensions_map={"service": function.folder},
                period=Duration.minutes(1),
                statistic="Sum",
            ),
            above=2,
            says=f"{function.folder}: several answers a minute end in an error",
        )
        self.group = codedeploy.LambdaDeploymentGroup(
            self,
            "Group",
            application=codedeploy.LambdaApplication(
                self, "Application", application_name=f"{KoshaStack.around(self).stack_name}-{function.folder}"
            ),
            alias=function.live,
            deployment_config=SHARES[share],
            alarms=[failed, refused],
            auto_rollback=codedeploy.AutoRollbackConfig(
                deployment_in_alarm=True, failed_deployment=True, stopped_deployment=True
            ),
        )
