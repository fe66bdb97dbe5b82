"""What Lambda's snapshot of the worker (SnapStart) holds besides its handler: what the first answer would wait for.

Modules only. A client or a connection would not outlive the snapshot, and a setting may change after it.
"""

from importlib import import_module

ANSWERING = (
    "boto3",
    "kosha.adapters.aws.cognito",
    "kosha.adapters.aws.dynamo_connections",
    "kosha.adapters.aws.dynamo_documents",
    "kosha.adapters.aws.dynamo_sessions",
    "kosha.adapters.aws.dynamo_turns",
    "kosha.adapters.aws.dynamo_workspaces",
    "kosha.adapters.aws.outbox",
    "kosha.adapters.aws.secrets",
    "kosha.adapters.aws.sns",
    "kosha.adapters.aws.ssm",
    "kosha.adapters.aws.websocket",
    "kosha.adapters.postgres.database",
    "kosha.adapters.postgres.index",
    "kosha.wiring.aws_database",
    "kosha.wiring.aws_models",
    "langchain_aws",
    "langchain_openai",
)


def prepare_answering() -> None:
    """Have the modules imported before the snapshot is taken; without one, each is imported when it is needed."""
    try:
        from snapshot_restore_py import (  # pyright: ignore[reportMissingImports] # it comes with Lambda's runtime
            register_before_snapshot,  # pyright: ignore[reportUnknownVariableType]
        )
    except ImportError:
        return
    for module in ANSWERING:
        register_before_snapshot(import_module, module)
