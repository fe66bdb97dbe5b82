"""One address for everything: CloudFront with the UI at `/`, the REST API at `/api/*`, the socket at `/socket`."""

from pathlib import Path
from typing import Any

from aws_cdk import CfnRule, CfnRuleAssertion, Duration, Fn, RemovalPolicy
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_route53_targets as aliases
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_deployment as deployment
from aws_cdk import aws_wafv2 as waf
from constructs import Construct

from stacks.api import STAGE as API_STAGE
from stacks.api import ApiStack
from stacks.chat import ChatStack
from stacks.constructs.layers import ROOT
from stacks.constructs.stack import KoshaStack, kept_logs
from stacks.foundation import FoundationStack
from stacks.settings import Stage

EDGE = Path(__file__).parent / "edge"
UI = ROOT / "frontend" / "dist"
GUIDE = ROOT / "docs" / "guide"
CONFIGURATION = "kosha.json"  # the UI's build has one for a single machine
HSTS = Duration.days(365)
ABOUT_BODIES = ("SizeRestrictions_BODY", "CrossSiteScripting_BODY", "GenericLFI_BODY", "GenericRFI_BODY")
_PRICE_CLASSES = {
    "100": cloudfront.PriceClass.PRICE_CLASS_100,
    "200": cloudfront.PriceClass.PRICE_CLASS_200,
    "all": cloudfront.PriceClass.PRICE_CLASS_ALL,
}


class WebStack(KoshaStack):
    """`url` is the address of the product. The UI reads `/kosha.json` to know where people sign in."""

    def __init__(
        self, scope: Construct, stage: Stage, foundation: FoundationStack, chat: ChatStack, api: ApiStack
    ) -> None:
        super().__init__(scope, "web", stage)
        self.alarm_topic = foundation.alarm_topic
        self.bucket = s3.Bucket(
            self,
            "Ui",
            encryption=s3.BucketEncryption.S3_MANAGED,  # the same for all the world, and made again by a deployment
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            server_access_logs_bucket=foundation.logs,
            server_access_logs_prefix="ui/",
            # Files of earlier deployments lie in it, and a bucket that is not empty cannot be deleted: it stays.
            removal_policy=RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
        )
        self.distribution = self._distribution(foundation, chat, api)
        self._upload(foundation)
        if stage.web.domain and stage.web.domain.hosted_zone_id:
            self._address(stage.web.domain.name, stage.web.domain.hosted_zone_id)
        self.output("WebUrl", self.url)
        self.output("DistributionId", self.distribution.distribution_id)

    @property
    def url(self) -> str:
        """Without a slash at its end."""
        domain = self.stage_settings.web.domain
        return f"https://{domain.name if domain else self.distribution.distribution_domain_name}"

    def _distribution(self, foundation: FoundationStack, chat: ChatStack, api: ApiStack) -> cloudfront.Distribution:
        chosen = self.stage_settings.web
        # CloudFormation reads the secret when it deploys; no template holds its value.
        verified = {"X-Origin-Verify": foundation.origin_secret.secret_value.unsafe_unwrap()}
        rest = origins.HttpOrigin(
            _host(self, api.api.rest_api_id), origin_path=f"/{API_STAGE}", custom_headers=verified, **_TLS, **_PATIENT
        )
        socket = origins.HttpOrigin(_host(self, chat.socket.api_id), custom_headers=verified, **_TLS)
        through: dict[str, Any] = {
            "viewer_protocol_policy": cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
            "allowed_methods": cloudfront.AllowedMethods.ALLOW_ALL,
            "cache_policy": cloudfront.CachePolicy.CACHING_DISABLED,
            "origin_request_policy": cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
        }
        headers = self._headers(foundation)
        certificate = (
            acm.Certificate.from_certificate_arn(self, "Certificate", chosen.domain.certificate_arn)
            if chosen.domain
            else None
        )
        return cloudfront.Distribution(
            self,
            "Distribution",
            comment=f"Kosha {self.stage_settings.name}",
            default_root_object="index.html",
            price_class=_PRICE_CLASSES[chosen.price_class],
            http_version=cloudfront.HttpVersion.HTTP2_AND_3,
            minimum_protocol_version=cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
            domain_names=[chosen.domain.name] if chosen.domain else None,
            certificate=certificate,
            web_acl_id=self._waf(),
            default_behavior=cloudfront.BehaviorOptions(
                origin=origins.S3BucketOrigin.with_origin_access_control(self.bucket),
                viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
                cache_policy=cloudfront.CachePolicy.CACHING_OPTIMIZED,
                response_headers_policy=headers,
                function_associations=[self._before("Pages", "pages.js")],
            ),
            additional_behaviors={
                "/api/*": cloudfront.BehaviorOptions(origin=rest, response_headers_policy=headers, **through),
                "/socket": cloudfront.BehaviorOptions(
                    origin=socket, function_associations=[self._before("Socket", "socket.js")], **through
                ),
            },
        )

    def _before(self, id: str, file: str) -> cloudfront.FunctionAssociation:
        function = cloudfront.Function(
            self,
            id,
            code=cloudfront.FunctionCode.from_file(file_path=str(EDGE / file)),
            runtime=cloudfront.FunctionRuntime.JS_2_0,
        )
        return cloudfront.FunctionAssociation(function=function, event_type=cloudfront.FunctionEventType.VIEWER_REQUEST)

    def _headers(self, foundation: FoundationStack) -> cloudfront.ResponseHeadersPolicy:
        return cloudfront.ResponseHeadersPolicy(
            self,
            "Headers",
            comment=f"Kosha {self.stage_settings.name}",
            security_headers_behavior=cloudfront.ResponseSecurityHeadersBehavior(
                content_security_policy=cloudfront.ResponseHeadersContentSecurityPolicy(
                    content_security_policy=self._policy(foundation), override=False
                ),
                content_type_options=cloudfront.ResponseHeadersContentTypeOptions(override=True),
                frame_options=cloudfront.ResponseHeadersFrameOptions(
                    frame_option=cloudfront.HeadersFrameOption.DENY, override=True
                ),
                referrer_policy=cloudfront.ResponseHeadersReferrerPolicy(
                    referrer_policy=cloudfront.HeadersReferrerPolicy.NO_REFERRER, override=True
                ),
                strict_transport_security=cloudfront.ResponseHeadersStrictTransportSecurity(
                    access_control_max_age=HSTS, include_subdomains=True, override=True
                ),
            ),
            custom_headers_behavior=cloudfront.ResponseCustomHeadersBehavior(
                custom_headers=[
                    cloudfront.ResponseCustomHeader(header=name, value=value, override=True)
                    for name, value in (
                        ("Cross-Origin-Opener-Policy", "same-origin"),
                        ("Permissions-Policy", "camera=(), microphone=(), geolocation=()"),
                    )
                ]
            ),
        )

    def _policy(self, foundation: FoundationStack) -> str:
        """That of the single machine (kosha_local/headers.py), and the places on AWS that the page itself talks to."""
        uploads = foundation.uploads
        files = f"https://{uploads.bucket_regional_domain_name} https://{uploads.bucket_domain_name}"
        people = f"https://cognito-idp.{self.region}.{self.url_suffix}"
        domain = self.stage_settings.people.sign_in_domain
        if domain:
            people = f"{people} https://{domain}.auth.{self.region}.amazoncognito.com"
        return (
            f"default-src 'self'; script-src 'self'; img-src 'self' data: blob: {files}; font-src 'self' data:; "
            "style-src 'self' 'unsafe-inline'; "
            f"connect-src 'self' wss: {people} {files}; worker-src 'self' blob:; "
            "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        )

    def _waf(self) -> str | None:
        chosen = self.stage_settings.web
        if chosen.waf_arn or chosen.waf == "off":
            return chosen.waf_arn
        CfnRule(
            self,
            "WafRegion",
            assertions=[
                CfnRuleAssertion(
                    assert_=Fn.condition_equals(self.region, "us-east-1"),
                    assert_description="web.waf 'managed' works in us-east-1 alone: elsewhere give web.waf_arn",
                )
            ],
        )
        rules = [
            _rule(0, "Rate", waf.CfnWebACL.StatementProperty(
                rate_based_statement=waf.CfnWebACL.RateBasedStatementProperty(
                    aggregate_key_type="IP", evaluation_window_sec=60, limit=chosen.requests_per_minute
                )
            ), action=waf.CfnWebACL.RuleActionProperty(block={})),
            _managed(1, "AWSManagedRulesAmazonIpReputationList"),
            # Documents and questions are long bodies, and may well be about SQL or scripts: those rules only count.
            _managed(2, "AWSManagedRulesCommonRuleSet", counted=ABOUT_BODIES),
        ]  # fmt: skip
        acl = waf.CfnWebACL(
            self,
            "Waf",
            scope="CLOUDFRONT",
            default_action=waf.CfnWebACL.DefaultActionProperty(allow={}),
            rules=rules,
            visibility_config=_visible("waf"),
        )
        return acl.attr_arn

    def _upload(self, foundation: FoundationStack) -> None:
        """Files whose names change with their content stay for ever in caches; all else is asked for again."""
        if not (UI / "index.html").is_file():
            raise FileNotFoundError(
                "frontend/dist has no index.html: `make ui` builds the UI before a stage is synthesised"
            )
        logs = kept_logs(self, "UploadLogs")
        assets = deployment.BucketDeployment(
            self,
            "Assets",
            sources=[deployment.Source.asset(str(UI), exclude=["*", "!assets", "!assets/**"])],
            destination_bucket=self.bucket,
            prune=False,  # a page that was opened before the deployment still loads its parts
            cache_control=[deployment.CacheControl.from_string("public, max-age=31536000, immutable")],
            memory_limit=512,
            log_group=logs,
        )
        pages = deployment.BucketDeployment(
            self,
            "Files",
            sources=[
                deployment.Source.asset(str(UI), exclude=["assets", "assets/**", CONFIGURATION]),
                deployment.Source.json_data(CONFIGURATION, self._told(foundation)),
            ],
            destination_bucket=self.bucket,
            prune=False,
            cache_control=[deployment.CacheControl.from_string("no-cache")],
            distribution=self.distribution,
            distribution_paths=["/index.html", f"/{CONFIGURATION}"],
            memory_limit=512,
            log_group=logs,
        )
        guide = deployment.BucketDeployment(
            self,
            "Guide",
            sources=[deployment.Source.asset(str(GUIDE))],
            destination_bucket=self.bucket,
            destination_key_prefix="guide",
            cache_control=[deployment.CacheControl.from_string("no-cache")],
            memory_limit=512,
            log_group=logs,
        )
        pages.node.add_dependency(assets, guide)  # the page that names them comes last

    def _told(self, foundation: FoundationStack) -> dict[str, str]:
        """Where the UI has people sign in (frontend/src/shared/place.ts), and which token the REST API takes."""
        chosen = self.stage_settings.people
        provider = {"identityProvider": chosen.identity_provider.name} if chosen.identity_provider else {}
        domain = {"signInDomain": chosen.sign_in_domain} if chosen.sign_in_domain else {}
        return {
            "signIn": "cognito",
            "region": self.region,
            "userPoolId": foundation.people.pool.user_pool_id,
            "userPoolClientId": foundation.people.client.user_pool_client_id,
            "restToken": "id" if chosen.rest_authorizer == "cognito" else "access",
            **provider,
            **domain,
        }

    def _address(self, name: str, zone_id: str) -> None:
        zone = route53.HostedZone.from_hosted_zone_attributes(
            self, "Zone", hosted_zone_id=zone_id, zone_name=name.split(".", 1)[1]
        )
        target = route53.RecordTarget.from_alias(aliases.CloudFrontTarget(self.distribution))
        route53.ARecord(self, "Ipv4", zone=zone, record_name=f"{name}.", target=target)
        route53.AaaaRecord(self, "Ipv6", zone=zone, record_name=f"{name}.", target=target)


_TLS: dict[str, Any] = {
    "protocol_policy": cloudfront.OriginProtocolPolicy.HTTPS_ONLY,
    "origin_ssl_protocols": [cloudfront.OriginSslPolicy.TLS_V1_2],
}
_PATIENT: dict[str, Any] = {"read_timeout": Duration.seconds(60), "keepalive_timeout": Duration.seconds(5)}


def _host(stack: KoshaStack, api_id: str) -> str:
    return f"{api_id}.execute-api.{stack.region}.{stack.url_suffix}"


def _managed(priority: int, name: str, *, counted: tuple[str, ...] = ()) -> waf.CfnWebACL.RuleProperty:
    overrides = [
        waf.CfnWebACL.RuleActionOverrideProperty(name=each, action_to_use=waf.CfnWebACL.RuleActionProperty(count={}))
        for each in counted
    ]
    statement = waf.CfnWebACL.StatementProperty(
        managed_rule_group_statement=waf.CfnWebACL.ManagedRuleGroupStatementProperty(
            name=name, vendor_name="AWS", rule_action_overrides=overrides or None
        )
    )
    return _rule(priority, name, statement, override_action=waf.CfnWebACL.OverrideActionProperty(none={}))


def _rule(
    priority: int, name: str, statement: waf.CfnWebACL.StatementProperty, **more: Any
) -> waf.CfnWebACL.RuleProperty:
    return waf.CfnWebACL.RuleProperty(
        name=name, priority=priority, statement=statement, visibility_config=_visible(name), **more
    )


def _visible(name: str) -> waf.CfnWebACL.VisibilityConfigProperty:
    return waf.CfnWebACL.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=name, sampled_requests_enabled=False
    )
