"""Known faults of moto's interpreter (5.2.5), mended for the tests: the one place for that."""

import logging
from types import SimpleNamespace
from typing import Any

import pytest
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import state_task_service_callback
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_batch import (
    StateTaskServiceBatch,
)


def mend(patched: pytest.MonkeyPatch) -> None:
    """No waiting before a retry or between two looks at a job, no page of log for an error, and Batch's field names."""
    for waits in (retrier_decl, state_task_service_callback):
        patched.setattr(waits, "time", SimpleNamespace(sleep=lambda _: None))
    patched.setattr(logging.getLogger("moto"), "level", logging.CRITICAL)
    patched.setattr(StateTaskServiceBatch, "_normalise_parameters", _as_batch_has_them)
    patched.setattr(StateTaskServiceBatch, "_normalise_response", _as_step_functions_has_them)


def _as_batch_has_them(_: object, parameters: dict[str, Any], **__: object) -> None:
    """Fault: `JobName` is sent as it is, where Batch's own name is `jobName`; boto3 does not know it."""
    _rename(parameters, lambda name: name[0].lower() + name[1:])


def _as_step_functions_has_them(_: object, response: dict[str, Any], **__: object) -> None:
    """The same on the way back."""
    _rename(response, lambda name: name[0].upper() + name[1:])


def _rename(value: Any, change: Any) -> None:
    for item in value if isinstance(value, list) else []:
        _rename(item, change)
    if isinstance(value, dict):
        for name in list(value):
            _rename(value[name], change)
            value[change(name)] = value.pop(name)
