"""Starts the emulator with its known faults mended: the one place for that, each with the fault it mends.

Runs in the emulator's own environment (.venv-emulator), on ministack 1.5.33; another version is refused.
"""
# pyright: reportMissingImports=false, reportAttributeAccessIssue=false
# The emulator is in an environment of its own, and what is mended is its inside.

import ctypes
import hashlib
import os
import shutil
import signal
import sys
import threading
import time
import zipfile
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ministack import app
from ministack.core import lambda_runtime, responses
from ministack.services import apigateway, cloudwatch, dynamodb, lambda_svc, secretsmanager, sqs
from ministack.services.cloudformation import provisioners

KNOWN_VERSION = "1.5.33"
FOLDER = Path(os.environ.get("KOSHA_SHIM_FOLDER", "."))
PR_SET_PDEATHSIG = 1
_told = threading.local()


def die_with_parent() -> None:
    """Fault: whoever starts the emulator and is killed leaves it behind, with a process for every function."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def come_over_tls() -> None:
    """Fault: the emulator is reached without TLS, and so refuses whoever a policy asks for it (enforce_ssl)."""
    pin = app.pin_request_origin
    app.pin_request_origin = lambda source_ip, _secure: pin(source_ip, True)


def refer_to_secrets_by_arn() -> None:
    """Fault: `Ref` of a secret is its name in CloudFormation here, its ARN on AWS; no policy fits it so."""
    handlers = provisioners._RESOURCE_HANDLERS["AWS::SecretsManager::Secret"]
    create, update, delete = (handlers[step] for step in ("create", "update", "delete"))

    def name_of(arn: str) -> str:
        return secretsmanager._resolve(arn)[0] or arn

    def by_arn(made: tuple[str, dict[str, str]]) -> tuple[str, dict[str, str]]:
        return made[1]["Arn"], made[1]

    handlers["create"] = lambda *told: by_arn(create(*told))
    handlers["update"] = lambda arn, *told, **named: by_arn(update(name_of(arn), *told, **named))
    handlers["delete"] = lambda arn, *told: delete(name_of(arn), *told)


def tell_error_names() -> None:
    """Faults: every exception of a function is called `Runtime.HandlerError`, so that no state machine can match it by
    name; the function's process is thrown away with it; and each silent invocation waits 50 ms for a log line.

    The worker tells an exception as a result with its name, which is turned back here.
    """
    script = lambda_runtime._PYTHON_WORKER_SCRIPT
    told = '"error": str(e), "trace": traceback.format_exc()})'
    failed = '_real_stdout.write(json.dumps({"status": "error", ' + told
    named = 'traceback.print_exc(); _real_stdout.write(json.dumps({"status": "ok", "raised": type(e).__name__, ' + told
    done = "result = handler_fn(event, context)\n"
    lambda_runtime._PYTHON_WORKER_SCRIPT = replaced(
        replaced(script, failed, named), done, f"{done}            sys.stderr.write('\\n'); sys.stderr.flush()\n"
    )
    invoke, execute = lambda_runtime.Worker.invoke, lambda_svc._execute_function_warm

    def invoke_naming(self: Any, *args: Any, **named: Any) -> dict[str, Any]:
        result = invoke(self, *args, **named)
        _told.name = result.get("raised")
        if _told.name:
            result["status"] = "error"
        return result

    def execute_naming(*args: Any, **named: Any) -> dict[str, Any]:
        _told.name = None
        result = execute(*args, **named)
        if result.get("error") and _told.name:
            result["body"]["errorType"] = _told.name
        return result

    lambda_runtime.Worker.invoke = invoke_naming
    lambda_svc._execute_function_warm = execute_naming


def tell_unauthorized() -> None:
    """Fault: a socket's authorizer that raises `Unauthorized` is answered with 500; API Gateway answers with 401."""
    authorize, execute = apigateway._authorize_ws_connect, lambda_svc._execute_function_with_config_scope
    refused: set[str] = set()

    def execute_noting(record: Any, event: Any, *told: Any, **named: Any) -> Any:
        result = execute(record, event, *told, **named)
        body = result.get("body") if result and result.get("error") else None
        if isinstance(body, dict) and body.get("errorMessage") == "Unauthorized" and event.get("type") == "REQUEST":
            refused.add(event["requestContext"].get("connectionId"))
        return result

    async def authorize_telling(api_id: str, route: Any, context: dict[str, Any], *told: Any) -> Any:
        refusal, found = await authorize(api_id, route, context, *told)
        if refusal and context["connectionId"] in refused:
            refused.discard(context["connectionId"])
            return (401, "Unauthorized"), None
        return refusal, found

    lambda_svc._execute_function_with_config_scope = execute_noting
    apigateway._authorize_ws_connect = authorize_telling


def unpack_layers_once() -> None:
    """Fault: each process of a function unpacks its layers anew, 180 MB, and compiles every module of them again."""
    kept, lock = FOLDER / "layers", threading.Lock()

    class Kept(zipfile.ZipFile):
        """A zip file whose layers are unpacked into one folder, and linked."""

        def __init__(self, file: str, *args: Any, **named: Any) -> None:
            super().__init__(file, *args, **named)
            self._layer = Path(file).name.startswith("layer_")
            self._content = hashlib.sha256(Path(file).read_bytes()).hexdigest() if self._layer else ""

        def namelist(self) -> list[str]:
            return [] if self._layer else super().namelist()

        def extractall(self, path: Any = None, *args: Any, **named: Any) -> None:
            if not self._layer:
                super().extractall(path, *args, **named)
                return
            place = kept / self._content
            with lock:
                if not place.exists():
                    unfinished = place.with_suffix(".unfinished")
                    shutil.rmtree(unfinished, ignore_errors=True)
                    super().extractall(unfinished, super().namelist())
                    unfinished.rename(place)
            for each in place.iterdir():
                (Path(path) / each.name).symlink_to(each)

    class Zips:
        """The module `zipfile` as the emulator sees it."""

        ZipFile = Kept
        BadZipFile = zipfile.BadZipFile
        LargeZipFile = LargeFileError = zipfile.LargeZipFile  # the emulator has its name wrong

    lambda_runtime.zipfile = Zips


def measure_queues() -> None:
    """Fault: queues tell CloudWatch nothing, so that no alarm on dead letters ever rises."""

    def value_of(alarm: dict[str, Any]) -> int:
        [name] = [one["Value"] for one in alarm["Dimensions"] if one["Name"] == "QueueName"]
        queue = sqs._queues[sqs._queue_name_to_url[name]]
        sqs._refresh_counts(queue)
        return int(queue["attributes"]["ApproximateNumberOfMessages"])

    def look() -> None:
        for alarm in list(cloudwatch._alarms.values()):
            if (alarm.get("Namespace"), alarm.get("MetricName")) != ("AWS/SQS", "ApproximateNumberOfMessagesVisible"):
                continue
            value, before = value_of(alarm), alarm["StateValue"]
            after = "ALARM" if value > alarm["Threshold"] else "OK"
            if after != before:
                alarm["StateValue"], reason = after, f"{value} messages"
                cloudwatch._record_history(alarm["AlarmName"], before, after, reason)
                cloudwatch._dispatch_alarm_actions(alarm, before, after, reason)

    def watch() -> None:
        responses.set_request_account_id(responses.get_account_id())
        responses.set_request_region(os.environ["MINISTACK_REGION"])
        while True:
            time.sleep(1)
            with suppress(KeyError):  # a queue that a stack has just deleted, with its alarm
                look()

    threading.Thread(target=watch, name="queues", daemon=True).start()


def move_messages_back() -> None:
    """Fault: it does not know StartMessageMoveTask, with which dead letters go back to their queue."""

    def move(told: dict[str, Any], _: str) -> dict[str, Any]:
        arn = told["SourceArn"]
        source = sqs._queue_by_arn(arn)
        [queue] = [each for each in sqs._queues.values() if arn in each["attributes"].get("RedrivePolicy", "")]
        with sqs._queues_lock:
            for message in source["messages"]:
                message.update(receive_count=0, visible_at=time.time())
            queue["messages"] += source["messages"]
            source["messages"] = []
        sqs.esm_wake.set()
        return {"TaskHandle": "done"}

    sqs._HANDLERS["StartMessageMoveTask"] = move


def throttle_on_demand() -> None:
    """No fault but a control: tables named in the file `throttled` answer as a table does that is asked too much."""
    handle, control = dynamodb.handle_request, FOLDER / "throttled"
    words = "The level of configured provisioned throughput for the table was exceeded. Consider increasing it."

    async def handle_throttled(method: str, path: str, headers: dict[str, str], body: bytes, query: Any) -> Any:
        tables = control.read_text().split() if control.exists() else []
        if any(table.encode() in body for table in tables):
            return responses.error_response_json("ProvisionedThroughputExceededException", words, 400)
        return await handle(method, path, headers, body, query)

    dynamodb.handle_request = handle_throttled


def keep_what_functions_print() -> None:
    """Fault: what a function printed is told after its invocation only, so one that hangs or is killed says nothing."""

    def read(self: Any) -> None:
        with (FOLDER / "logs" / f"{self.func_name}.log").open("a", buffering=1) as log:
            for line in self._proc.stderr:
                self._stderr_queue.put(line.rstrip("\n"))
                if line.strip():
                    log.write(f"[{self._proc.pid}] {line}")

    lambda_runtime.Worker._read_stderr = read


def replaced(text: str, old: str, new: str) -> str:
    """The text with its one `old` replaced. Raises RuntimeError where it is not there once."""
    if text.count(old) != 1:
        raise RuntimeError(f"This emulator is not the one we know: {old!r} is there {text.count(old)} times.")
    return text.replace(old, new)


def main() -> None:
    """Mend, and serve until SIGTERM."""
    if version("ministack") != KNOWN_VERSION:
        raise SystemExit(f"The faults of ministack {KNOWN_VERSION} are known, not those of {version('ministack')}.")
    die_with_parent()
    come_over_tls()
    refer_to_secrets_by_arn()
    tell_error_names()
    tell_unauthorized()
    unpack_layers_once()
    keep_what_functions_print()
    measure_queues()
    move_messages_back()
    throttle_on_demand()
    app.main()


if __name__ == "__main__":
    main()
