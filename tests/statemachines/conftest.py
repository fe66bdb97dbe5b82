"""The runners that the differential tests compare."""

from collections.abc import Iterator

import boto3
import pytest
from emulated import emulator
from moto import mock_aws
from tests.served.endpoint import hosted
from tests.statemachines.moto_faults import mend
from tests.statemachines.runners import FUNCTION, StepFunctions, zipped
from tests.statemachines.scripts import ServedScript

REGION = emulator.REGION


@pytest.fixture(scope="module")
def served() -> Iterator[ServedScript]:
    """The world of both runners that are asked over HTTP."""
    with hosted(ServedScript()) as script:
        yield script


@pytest.fixture(scope="module")
def moto(served: ServedScript) -> Iterator[StepFunctions]:
    """moto's interpreter, which finds functions and Batch at the served script, and does not wait."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("AWS_ENDPOINT_URL_LAMBDA", served.origin)
        patched.setenv("AWS_ENDPOINT_URL_BATCH", served.origin)
        patched.setenv("AWS_DEFAULT_REGION", REGION)
        mend(patched)
        with mock_aws(config={"stepfunctions": {"execute_state_machine": True}}):
            yield StepFunctions(
                boto3.client("stepfunctions"),
                served,
                function=f"arn:aws:lambda:{REGION}:123456789012:function:step",
                role="arn:aws:iam::123456789012:role/machine",
            )


@pytest.fixture(scope="module")
def emulated(served: ServedScript, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StepFunctions]:
    """The emulator, which is told that a second lasts no time."""
    assert emulator.PYTHON.exists(), "The emulator is not installed: `make .venv-emulator/.ready` does that."
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("SFN_WAIT_SCALE", "0")
        running = emulator.running(tmp_path_factory.mktemp("emulator") / "data")
        with running as there:
            session = boto3.Session(
                aws_access_key_id=emulator.CREDENTIALS["AWS_ACCESS_KEY_ID"],
                aws_secret_access_key=emulator.CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
                region_name=REGION,
            )
            role = session.client("iam", endpoint_url=there.endpoint).create_role(
                RoleName="machine", AssumeRolePolicyDocument="{}"
            )["Role"]["Arn"]
            function = session.client("lambda", endpoint_url=there.endpoint).create_function(
                FunctionName="step",
                Runtime="python3.11",
                Handler="handler.handler",
                Role=role,
                Code={"ZipFile": zipped(FUNCTION.format(url=served.origin))},
                Timeout=30,
            )
            client = session.client("stepfunctions", endpoint_url=there.endpoint)
            yield StepFunctions(client, served, function=function["FunctionArn"], role=role)
