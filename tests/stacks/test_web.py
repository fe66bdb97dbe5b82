"""CloudFront: what goes where, what is cached, what the APIs are told, which headers pages have, what they may do."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from stacks.api import ApiStack
from stacks.chat import ChatStack
from stacks.foundation import FoundationStack
from stacks.ingestion import IngestionStack
from stacks.search import SearchStack
from stacks.settings import SettingRefused
from stacks.web import WebStack
from tests.stacks import parts
from tests.stacks.conftest import Stages
from tests.stacks.synthesised import ROOT, Synthesised

from kosha_local.headers import HEADERS, POLICY

CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_VIEWER_EXCEPT_HOST_HEADER = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
ELSEWHERE = "arn:aws:acm:eu-west-1:111122223333:certificate/1"
CERTIFICATE = "arn:aws:acm:us-east-1:111122223333:certificate/1"
Properties = dict[str, Any]


def build(app: Any, chosen: Any) -> None:
    foundation = FoundationStack(app, chosen)
    search = SearchStack(app, chosen, foundation)
    ingestion = IngestionStack(app, chosen, foundation, search)
    chat = ChatStack(app, chosen, foundation, search, ingestion)
    WebStack(app, chosen, foundation, chat, ApiStack(app, chosen, foundation, search, ingestion, chat))


@pytest.fixture
def web(stages: Stages) -> Synthesised:
    return stages("default")


def distribution(made: Synthesised) -> Properties:
    [found] = made.resources("AWS::CloudFront::Distribution")
    return found.properties["DistributionConfig"]


def behaviour(made: Synthesised, path: str) -> Properties:
    """What happens at a path."""
    [found] = [each for each in distribution(made)["CacheBehaviors"] if each["PathPattern"] == path]
    return found


def origin(made: Synthesised, of: Properties) -> Properties:
    [found] = [each for each in distribution(made)["Origins"] if each["Id"] == of["TargetOriginId"]]
    return found


@pytest.mark.parametrize("path", ["/api/*", "/socket"])
def test_calls_and_frames_are_not_cached_and_carry_all_but_the_host(web: Synthesised, path: str) -> None:
    found = behaviour(web, path)
    assert found["CachePolicyId"] == CACHING_DISABLED
    assert found["OriginRequestPolicyId"] == ALL_VIEWER_EXCEPT_HOST_HEADER
    assert {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} <= set(found["AllowedMethods"])
    assert found["ViewerProtocolPolicy"] == "https-only"


@pytest.mark.parametrize("path", ["/api/*", "/socket"])
def test_the_apis_are_told_the_secret_which_no_template_holds(web: Synthesised, path: str) -> None:
    found = origin(web, behaviour(web, path))
    [header] = found["OriginCustomHeaders"]
    assert header["HeaderName"] == "X-Origin-Verify"
    assert "{{resolve:secretsmanager:" in json.dumps(header["HeaderValue"])
    assert found["CustomOriginConfig"]["OriginProtocolPolicy"] == "https-only"
    assert found["CustomOriginConfig"]["OriginSSLProtocols"] == ["TLSv1.2"]


def test_the_rest_api_is_reached_at_its_stage(web: Synthesised) -> None:
    assert origin(web, behaviour(web, "/api/*"))["OriginPath"] == "/v1"


def test_the_ui_is_read_from_a_private_bucket_by_this_distribution_alone(web: Synthesised) -> None:
    found = origin(web, distribution(web)["DefaultCacheBehavior"])
    assert found["OriginAccessControlId"]
    assert "OriginCustomHeaders" not in found
    bucket = web.one("AWS::S3::Bucket", "Web/Ui")
    assert set(bucket.properties["PublicAccessBlockConfiguration"].values()) == {True}
    statements = web.one("AWS::S3::BucketPolicy", "Web/Ui").properties["PolicyDocument"]["Statement"]
    [read] = [each for each in statements if each["Principal"] == {"Service": "cloudfront.amazonaws.com"}]
    assert read["Action"] == "s3:GetObject"
    assert "AWS:SourceArn" in read["Condition"]["StringEquals"]


def test_errors_of_the_apis_come_back_as_they_are(web: Synthesised) -> None:
    """A custom error response would hold for the whole distribution: a 404 of the API would become a page."""
    assert "CustomErrorResponses" not in distribution(web)
    assert "FunctionAssociations" not in behaviour(web, "/api/*")


def edge(file: str, uri: str) -> str:
    """Where one of our CloudFront functions sends a request."""
    node = shutil.which("node")
    assert node, "Node.js runs the edge's functions"
    code = (ROOT / "stacks" / "edge" / file).read_text()
    event = json.dumps({"request": {"uri": uri, "headers": {}}})
    program = f"{code}\nconsole.log(handler({event}).uri)"
    return subprocess.run([node, "-e", program], capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize(
    ("uri", "file"),
    [
        ("/", "/index.html"),
        ("/chat/4be0643f-1d98-573b-97cd-ca98a65347dd", "/index.html"),
        ("/workspaces/", "/index.html"),
        ("/assets/index-Bq1.js", "/assets/index-Bq1.js"),
        ("/kosha.json", "/kosha.json"),
        ("/guide/01-first-steps.md", "/guide/01-first-steps.md"),
        ("/assets/gone.js", "/assets/gone.js"),
    ],
)
def test_a_page_of_the_app_is_its_index_and_a_file_is_a_file(uri: str, file: str) -> None:
    assert edge("pages.js", uri) == file


def test_the_socket_is_opened_at_the_stage_of_its_api() -> None:
    assert edge("socket.js", "/socket") == "/v1"


def headers(made: Synthesised) -> Properties:
    [found] = made.resources("AWS::CloudFront::ResponseHeadersPolicy")
    return found.properties["ResponseHeadersPolicyConfig"]


def test_pages_have_the_security_headers_of_the_single_machine_and_hsts(web: Synthesised) -> None:
    told = headers(web)["SecurityHeadersConfig"]
    own = {each["Header"]: each["Value"] for each in headers(web)["CustomHeadersConfig"]["Items"]}
    assert told["ContentTypeOptions"]["Override"] is True
    assert told["FrameOptions"]["FrameOption"] == HEADERS["X-Frame-Options"]
    assert told["ReferrerPolicy"]["ReferrerPolicy"] == HEADERS["Referrer-Policy"]
    assert own == {name: HEADERS[name] for name in ("Cross-Origin-Opener-Policy", "Permissions-Policy")}
    hsts = told["StrictTransportSecurity"]
    assert (hsts["AccessControlMaxAgeSec"], hsts["IncludeSubdomains"]) == (365 * 86400, True)


def directives(policy: str) -> dict[str, str]:
    return {name: rest for name, _, rest in (part.strip().partition(" ") for part in policy.split(";"))}


def test_a_page_may_do_what_it_may_on_one_machine_and_talk_to_cognito_and_the_upload_bucket(web: Synthesised) -> None:
    told = headers(web)["SecurityHeadersConfig"]["ContentSecurityPolicy"]["ContentSecurityPolicy"]
    ours = directives("".join(each if isinstance(each, str) else "<aws>" for each in told["Fn::Join"][1]))
    theirs = directives(POLICY)
    assert ours.keys() == theirs.keys()
    assert {name for name in ours if ours[name] != theirs[name]} == {"connect-src", "img-src"}
    assert ours["connect-src"].startswith("'self' wss: https://cognito-idp.<aws>.<aws> https://<aws>")
    assert "ws:" not in ours["connect-src"].split()


def configuration(made: Synthesised) -> Properties:
    """What the UI reads; what CloudFormation fills in stands as a text. Raises ValueError unless there is one file."""
    [file] = made.folder.glob("asset.*/kosha.json")
    return json.loads(re.sub(r"<<marker:\S+?>>", '"filled in"', file.read_text()))


def test_the_ui_is_told_where_people_sign_in_and_never_what_a_single_machine_has(web: Synthesised) -> None:
    told = configuration(web)
    assert (told["signIn"], told["restToken"]) == ("cognito", "access")
    assert told.keys() == {"signIn", "region", "userPoolId", "userPoolClientId", "restToken"}
    [files] = [each for each in web.resources("Custom::CDKBucketDeployment") if "Files" in each.path]
    assert "PeoplePoolClient" in json.dumps(files.properties["SourceMarkers"])


def test_where_the_gateway_reads_tokens_itself_the_ui_sends_id_tokens(stages: Stages) -> None:
    assert configuration(stages("specified"))["restToken"] == "id"


def test_the_ui_is_told_of_another_houses_sign_in_and_may_talk_to_it(tmp_path: Path) -> None:
    house = {"kind": "saml", "name": "Acme", "metadata_url": "https://acme.example/saml"}
    origins = ["https://kosha.example.org"]
    people = {"identity_provider": house, "sign_in_domain": "acme-kosha", "site_origins": origins}
    made = parts.synthesise(tmp_path, parts.stage(people=people), build)
    told = configuration(made)
    assert (told["identityProvider"], told["signInDomain"]) == ("Acme", "acme-kosha")
    assert "https://acme-kosha.auth." in json.dumps(headers(made))


def test_what_may_change_is_asked_for_again_and_what_cannot_is_kept(web: Synthesised) -> None:
    kept = {
        each.path.split("/")[1]: each.properties["SystemMetadata"]["cache-control"]
        for each in web.resources("Custom::CDKBucketDeployment")
    }
    assert kept == {"Assets": "public, max-age=31536000, immutable", "Files": "no-cache", "Guide": "no-cache"}


def test_the_emulated_stage_has_no_cloudfront(stages: Stages) -> None:
    assert list(stages("emulated").resources("AWS::CloudFront::Distribution")) == []


def test_a_firewall_stands_before_it_by_setting(tmp_path: Path) -> None:
    made = parts.synthesise(tmp_path, parts.stage(web={"waf": "managed", "requests_per_minute": 500}), build)
    [acl] = made.resources("AWS::WAFv2::WebACL")
    rules = {each["Name"]: each for each in acl.properties["Rules"]}
    assert acl.properties["Scope"] == "CLOUDFRONT"
    assert rules["Rate"]["Statement"]["RateBasedStatement"]["Limit"] == 500
    assert distribution(made)["WebACLId"] == {"Fn::GetAtt": [acl.name, "Arn"]}
    [rule] = made.templates["Web"]["Rules"]["WafRegion"]["Assertions"]
    assert "us-east-1" in json.dumps(rule["Assert"])


def test_an_address_of_ones_own_by_setting(tmp_path: Path) -> None:
    domain = {"name": "kosha.example.org", "certificate_arn": CERTIFICATE, "hosted_zone_id": "Z123"}
    made = parts.synthesise(tmp_path, parts.stage(web={"domain": domain}), build)
    told = distribution(made)
    assert told["Aliases"] == ["kosha.example.org"]
    assert told["ViewerCertificate"]["AcmCertificateArn"] == CERTIFICATE
    assert told["ViewerCertificate"]["MinimumProtocolVersion"] == "TLSv1.2_2021"
    assert {each.properties["Type"] for each in made.resources("AWS::Route53::RecordSet")} == {"A", "AAAA"}


@pytest.mark.parametrize(
    ("web", "words"),
    [
        ({"waf": "on"}, "'off' or 'managed'"),
        ({"price_class": "300"}, "'100', '200' or 'all'"),
        (
            {"domain": {"name": "kosha.example.org", "certificate_arn": ELSEWHERE}},
            "us-east-1",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_what_is_allowed(web: Properties, words: str) -> None:
    with pytest.raises(SettingRefused) as refused:
        parts.stage(web=web)
    assert words in str(refused.value)
