"""The REST API: one function behind one proxy resource, with its authorizer, limits and access logs."""

import json
from http import HTTPStatus

from aws_cdk import Duration, Fn
from aws_cdk import aws_apigateway as gateway
from constructs import Construct

from stacks.chat import ChatStack
from stacks.constructs.function import PythonFunction
from stacks.constructs.grants import may_call_models, may_look_up_people, may_read, may_run
from stacks.constructs.stack import KoshaStack, kept_logs
from stacks.foundation import FoundationStack
from stacks.ingestion import IngestionStack
from stacks.search import SearchStack
from stacks.settings import Stage

STAGE = "v1"
HEADERS = ["Content-Type", "Authorization", "X-Amz-Date", "Idempotency-Key", "Last-Event-ID", "X-Trace-Id"]
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
# A revoked person is out within a minute: our word on a token is 30 s old at most, 40 while the pool is busy
# (kosha/adapters/aws/cognito.py), and the gateway repeats it for these 20.
VERDICT_KEPT = Duration.seconds(20)
# What the gateway refuses by itself, in the words and the shape (RFC 9457) of the product.
REFUSALS = {
    "UNAUTHORIZED": (401, "Sign in again: the token is missing or no longer good."),
    "ACCESS_DENIED": (401, "Sign in again: the token is missing or no longer good."),
    "EXPIRED_TOKEN": (401, "Sign in again: the token is no longer good."),
    "MISSING_AUTHENTICATION_TOKEN": (404, "There is nothing at this address."),
    "RESOURCE_NOT_FOUND": (404, "There is nothing at this address."),
    "REQUEST_TOO_LARGE": (413, "The request is larger than 10 MB. Upload a file instead."),
    "THROTTLED": (429, "Too many requests just now. Wait a moment and try again."),
    "AUTHORIZER_FAILURE": (503, "Sign-in could not be checked. Try again in a moment."),
    "INTEGRATION_TIMEOUT": (504, "The answer took too long. Try again in a moment."),
}


class ApiStack(KoshaStack):
    """`api` answers under `/api/...`; all but health and preflight is for people who signed in."""

    def __init__(
        self,
        scope: Construct,
        stage: Stage,
        foundation: FoundationStack,
        search: SearchStack,
        ingestion: IngestionStack,
        chat: ChatStack,
    ) -> None:
        super().__init__(scope, "api", stage)
        self.alarm_topic = foundation.alarm_topic
        self.function = PythonFunction(
            self,
            "Function",
            folder="api",
            timeout=Duration.seconds(29),
            memory_mb=1024,
            environment={**chat.variables, **search.variables, **ingestion.variables},
            place=foundation.place,
        )
        self._grants(foundation, search, ingestion, chat)
        self.api = self._gateway()
        self._routes(*self._authorizers(foundation))
        self.output("ApiUrl", self.url)

    @property
    def url(self) -> str:
        """The address before `/api/...`."""
        base = self.stage_settings.callback_base
        host = f"{self.api.rest_api_id}.execute-api.{self.region}.{self.url_suffix}"
        return Fn.join("/", [base, self.api.rest_api_id, STAGE]) if base else f"https://{host}/{STAGE}"

    def _gateway(self) -> gateway.RestApi:
        chosen = self.stage_settings.api
        access_logs = kept_logs(self, "AccessLogs")
        api = gateway.RestApi(
            self,
            "Api",
            description=f"Kosha {self.stage_settings.name}: REST",
            endpoint_configuration=gateway.EndpointConfiguration(types=[gateway.EndpointType.REGIONAL]),
            cloud_watch_role=False,  # foundation has it, for both gateways
            deploy_options=gateway.StageOptions(
                stage_name=STAGE,
                throttling_rate_limit=chosen.requests_per_second,
                throttling_burst_limit=chosen.request_burst,
                tracing_enabled=True,
                metrics_enabled=True,
                logging_level=gateway.MethodLoggingLevel.ERROR,
                data_trace_enabled=False,
                access_log_destination=gateway.LogGroupLogDestination(access_logs),
                access_log_format=gateway.AccessLogFormat.json_with_standard_fields(
                    caller=False,
                    http_method=True,
                    ip=True,
                    protocol=True,
                    request_time=True,
                    resource_path=True,
                    response_length=True,
                    status=True,
                    user=False,
                ),
            ),
        )
        for kind, (status, detail) in REFUSALS.items():
            self._refusal(api, kind, status, detail)
        return api

    def _refusal(self, api: gateway.RestApi, kind: str, status: int, detail: str) -> None:
        problem = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
        api.add_gateway_response(
            kind.title().replace("_", ""),
            type=gateway.ResponseType.of(kind),
            status_code=str(status),
            response_headers={
                "Access-Control-Allow-Origin": "'*'",
                "Content-Type": "'application/problem+json'",
            },
            templates={"application/json": json.dumps(problem)},
        )

    def _authorizers(self, foundation: FoundationStack) -> tuple[gateway.Authorizer, gateway.Authorizer]:
        """Who checks the tokens: of calls, and of event streams, where a browser can send one in the address only.

        A verdict can only be kept by something that every call has, so none on a stream is: the token is in one of two
        places.
        """
        if self.stage_settings.people.rest_authorizer == "cognito":
            by_pool = gateway.CognitoUserPoolsAuthorizer(self, "ByPool", cognito_user_pools=[foundation.people.pool])
            return by_pool, by_pool
        function = PythonFunction(
            self,
            "Authorizer",
            folder="api_authorizer",
            timeout=Duration.seconds(10),
            environment=foundation.variables,
        )
        may_look_up_people(foundation.people.pool, function)
        header = gateway.IdentitySource.header("Authorization")
        return (
            gateway.RequestAuthorizer(
                self, "ByToken", handler=function, identity_sources=[header], results_cache_ttl=VERDICT_KEPT
            ),
            gateway.RequestAuthorizer(
                self, "ByTokenAnywhere", handler=function, identity_sources=[], results_cache_ttl=Duration.seconds(0)
            ),
        )

    def _routes(self, of_calls: gateway.Authorizer, of_streams: gateway.Authorizer) -> None:
        called = gateway.LambdaIntegration(self.function.entrance, allow_test_invoke=False)
        validator = self.api.add_request_validator(
            "Validator", validate_request_parameters=True, validate_request_body=True
        )
        api = self.api.root.add_resource("api")
        health = api.add_resource("health")
        health.add_method("GET", called, authorization_type=gateway.AuthorizationType.NONE)
        stream = api.add_resource("stream").add_resource("{messageId}")
        stream.add_method("GET", called, authorizer=of_streams)
        everything = api.add_resource("{proxy+}")
        everything.add_method(
            "ANY",
            called,
            authorizer=of_calls,
            request_validator=validator,
            request_parameters={"method.request.path.proxy": True},
        )
        for resource in (health, stream, everything):
            resource.add_cors_preflight(
                allow_origins=list(self.stage_settings.people.site_origins),
                allow_headers=HEADERS,
                allow_methods=METHODS,
                max_age=Duration.hours(1),
            )

    def _grants(
        self, foundation: FoundationStack, search: SearchStack, ingestion: IngestionStack, chat: ChatStack
    ) -> None:
        foundation.lets_write(self.function, "workspaces", "documents", "sessions", "turns", "replies")
        foundation.uploads.grant_read_write(self.function)
        foundation.processing.grant_read_write(self.function)
        foundation.models.grant_read(self.function)
        may_read(foundation.provider_secret, self.function)
        if self.stage_settings.cdn:
            may_read(foundation.origin_secret, self.function)
        search.lets_in(self.function)
        chat.messages.grant_publish(self.function)
        may_call_models(self, self.function)
        may_look_up_people(foundation.people.pool, self.function)
        foundation.people.pool.grant(self.function, "cognito-idp:ListUsersInGroup")  # the list of people tells roles
        may_run(ingestion.workflows.values(), self.function)
