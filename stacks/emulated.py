"""Every difference of the stage `emulated`: the same stacks on an emulator of AWS, on one machine, without Docker.

Whatever differs there and is not named here is a defect.
"""

import sys
from collections.abc import Mapping
from typing import Any

Settings = dict[str, Any]


def settings(told: Mapping[str, Any]) -> Settings:
    """The settings of the stage.

    told: `endpoint` of the emulator, `bedrock` and `sagemaker` endpoints that speak the real wire formats,
    `database` with host, port, username, password and dbname, `openai` models of a compatible server.
    """
    endpoint = told.get("endpoint", "http://127.0.0.1:4566")
    return {
        # It has no Aurora, no NAT and no rules of security groups: functions are processes of this machine.
        "network": {"enabled": False},
        "database": {"kind": "outside", "connection": told.get("database", _NOWHERE)},
        # There is no Batch at run time: the same step runs in workflow_step.
        # Sites that are crawled in tests are served on this machine.
        "ingestion": {"parse_in": "function", "crawl_allow_hosts": ["127.0.0.1"]},
        # Functions run on this machine's Python, with packages copied from this interpreter's.
        "functions": {
            "runtime": f"python3.{sys.version_info.minor}",
            "architecture": "x86_64",
            "packages": "installed",
            "environment": {
                "AWS_ENDPOINT_URL": endpoint,
                "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": told.get("bedrock", endpoint),
                "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME": told.get("sagemaker", endpoint),
            },
        },
        # A server of this machine, which the tests slow down.
        "models": {"openai": told.get("openai", [])},
        # A process a function at a time: a snapshot has no meaning, and memory bounds how many run together.
        "chat": {"snap_start": False, "canary": "off", "worker_concurrency": 4},
        # Its CloudFront serves nothing, and nobody watches: the proxy has the UI. Alarms of functions and queues stay.
        "web": {"enabled": False},
        "watching": {"enabled": False},
        # Gateways are reached by path. The proxy before them says X-Origin-Verify, as CloudFront does (`cdn` stays on).
        "callback_base": f"{endpoint}/_aws/execute-api",
        # It is reached by plain HTTP, on this machine alone, and enforces what policies say of TLS.
        "tls_only": False,
        # Where it enforces rights, it lets nobody take on the roles of a bootstrapped account.
        "deploys_as": "caller",
        # Made for a test and thrown away.
        "life": {"retain": False, "termination_protection": False, "recovery_days": 1, "log_days": 1},
    }


_NOWHERE = {"host": "127.0.0.1", "port": 5432, "username": "kosha", "password": "none", "dbname": "kosha"}
