"""One call of a SageMaker endpoint that takes and gives JSON."""

import json
from typing import Any

from kosha.adapters.models.aws_refusals import AWS_ERRORS, as_ours


def invoke(client: Any, endpoint: str, label: str, body: dict[str, Any]) -> Any:
    """What the endpoint answers. Raises ModelUnavailable, Rejected."""
    try:
        reply = client.invoke_endpoint(
            EndpointName=endpoint, Body=json.dumps(body), ContentType="application/json", Accept="application/json"
        )
        return json.loads(reply["Body"].read())
    except AWS_ERRORS as error:
        raise as_ours(label, error) from error
