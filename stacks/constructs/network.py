"""The network: public, private and isolated subnets, and the way out that the stage chose."""

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.constructs.function import Place
from stacks.constructs.stack import KoshaStack
from stacks.settings import Network as Chosen

PRIVATE = ec2.SubnetSelection(subnet_group_name="private")
ISOLATED = ec2.SubnetSelection(subnet_group_name="isolated")

ENDPOINTS = {
    "bedrock_runtime": ec2.InterfaceVpcEndpointAwsService.BEDROCK_RUNTIME,
    "cognito_idp": ec2.InterfaceVpcEndpointAwsService.COGNITO_IDP,
    "ecr": ec2.InterfaceVpcEndpointAwsService.ECR,
    "ecr_docker": ec2.InterfaceVpcEndpointAwsService.ECR_DOCKER,
    "kms": ec2.InterfaceVpcEndpointAwsService.KMS,
    "lambda": ec2.InterfaceVpcEndpointAwsService.LAMBDA_,
    "logs": ec2.InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
    "monitoring": ec2.InterfaceVpcEndpointAwsService.CLOUDWATCH_MONITORING,
    "sagemaker_runtime": ec2.InterfaceVpcEndpointAwsService.SAGEMAKER_RUNTIME,
    "secrets_manager": ec2.InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
    "sns": ec2.InterfaceVpcEndpointAwsService.SNS,
    "sqs": ec2.InterfaceVpcEndpointAwsService.SQS,
    "ssm": ec2.InterfaceVpcEndpointAwsService.SSM,
    "step_functions": ec2.InterfaceVpcEndpointAwsService.STEP_FUNCTIONS,
    "xray": ec2.InterfaceVpcEndpointAwsService.XRAY,
}


class Network(Construct):
    """`place` is where functions run that need the database; the database stands in the isolated subnets."""

    def __init__(self, scope: Construct, id: str, *, flow_logs: s3.IBucket) -> None:
        super().__init__(scope, id)
        chosen = KoshaStack.around(self).stage_settings.network
        nat = _nat(chosen)
        self.vpc = ec2.Vpc(
            self,
            "Vpc",
            ip_addresses=ec2.IpAddresses.cidr(chosen.cidr),
            max_azs=chosen.zones,
            nat_gateways=1,
            nat_gateway_provider=nat,
            subnet_configuration=_subnets(chosen),
            restrict_default_security_group=False,  # nothing is in it; restricting it takes a function of its own
            gateway_endpoints={
                "S3": ec2.GatewayVpcEndpointOptions(service=ec2.GatewayVpcEndpointAwsService.S3),
                "DynamoDb": ec2.GatewayVpcEndpointOptions(service=ec2.GatewayVpcEndpointAwsService.DYNAMODB),
            },
            flow_logs={
                "Refused": ec2.FlowLogOptions(
                    destination=ec2.FlowLogDestination.to_s3(flow_logs, "vpc/"),
                    traffic_type=ec2.FlowLogTrafficType.REJECT,
                )
            },
        )
        functions = ec2.SecurityGroup(self, "Functions", vpc=self.vpc, description="Functions and jobs of Kosha")
        self.place = Place(self.vpc, PRIVATE, functions)
        for name in chosen.interface_endpoints:
            self.vpc.add_interface_endpoint(name.title().replace("_", ""), service=ENDPOINTS[name], subnets=ISOLATED)
        if isinstance(nat, ec2.NatInstanceProviderV2):
            self._keep_well(nat, functions)

    def _keep_well(self, nat: ec2.NatInstanceProviderV2, functions: ec2.ISecurityGroup) -> None:
        """Let functions through the NAT instance, encrypt its disk, move it to other hardware when its own fails."""
        nat.connections.allow_from(functions, ec2.Port.all_traffic(), "the way out")
        for instance in nat.gateway_instances:
            machine = instance.node.default_child
            assert isinstance(machine, ec2.CfnInstance)
            machine.metadata_options = ec2.CfnInstance.MetadataOptionsProperty(http_tokens="required")
            machine.block_device_mappings = [
                ec2.CfnInstance.BlockDeviceMappingProperty(
                    device_name="/dev/xvda",
                    ebs=ec2.CfnInstance.EbsProperty(volume_size=8, volume_type="gp3", encrypted=True),
                )
            ]
            failing = cloudwatch.Alarm(
                self,
                "NatFails",
                metric=cloudwatch.Metric(
                    namespace="AWS/EC2",
                    metric_name="StatusCheckFailed_System",
                    dimensions_map={"InstanceId": instance.instance_id},
                    period=Duration.minutes(1),
                    statistic="Maximum",
                ),
                threshold=1,
                evaluation_periods=2,
                alarm_description="The NAT instance's hardware fails; it is moved",
            )
            failing.add_alarm_action(actions.Ec2Action(actions.Ec2InstanceAction.RECOVER))


def _nat(chosen: Chosen) -> ec2.NatProvider:
    """The one way out, for functions that must reach both the database and the world (docs/adr/0008)."""
    if chosen.egress == "nat_gateway":
        return ec2.NatProvider.gateway()
    return ec2.NatProvider.instance_v2(
        instance_type=ec2.InstanceType.of(ec2.InstanceClass.T4G, ec2.InstanceSize.NANO),
        machine_image=ec2.MachineImage.latest_amazon_linux2023(cpu_type=ec2.AmazonLinuxCpuType.ARM_64),
        credit_specification=ec2.CpuCredits.STANDARD,  # never billed beyond its hours
        default_allowed_traffic=ec2.NatTrafficDirection.OUTBOUND_ONLY,
    )


def _subnets(chosen: Chosen) -> list[ec2.SubnetConfiguration]:
    return [
        ec2.SubnetConfiguration(name="public", subnet_type=ec2.SubnetType.PUBLIC, cidr_mask=26),
        ec2.SubnetConfiguration(
            name="private", subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS, cidr_mask=24 if chosen.zones < 3 else 25
        ),
        ec2.SubnetConfiguration(name="isolated", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED, cidr_mask=26),
    ]
