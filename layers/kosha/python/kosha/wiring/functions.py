"""What every function has around its use case: one log, one tracer, and figures.

Whatever a handler imports, each cold start of its function waits for. So what only some functions need is not here, and
ports import their adapters when they are first asked for; tests/doors/lambdas/test_handlers.py names what stays out.
"""

# pyright: reportUnknownVariableType=false
# Powertools' own types have holes.

from typing import Any, cast

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.logging.utils import copy_config_to_registered_loggers
from aws_lambda_powertools.metrics import MetricUnit

from kosha.adapters.aws.xray import XrayDaemon
from kosha.model.turn import Turn
from kosha.observe import log
from kosha.wiring.aws_settings import trace_daemon, trace_header

Event = dict[str, Any]


def function_log() -> Logger:
    """Powertools' log, and in it the library's lines: both have the keys that the function appends."""
    made = Logger()
    copy_config_to_registered_loggers(source_logger=made, include={log.name}, ignore_log_level=True)
    log.setLevel(made.log_level)
    return made


def function_tracer() -> Tracer:
    """Powertools' tracer over a provider of ours, which says nothing where nobody listens.

    `disabled` is said because the tracer would otherwise find out by itself, and load the SDK that we do without.
    """
    return Tracer(disabled=False, auto_patch=False, provider=cast("Any", XrayDaemon(trace_daemon(), trace_header)))


def count(metrics: Metrics, name: str, value: float = 1) -> None:
    """So many of them happened."""
    metrics.add_metric(name=name, unit=MetricUnit.Count, value=value)


def count_answer(metrics: Metrics, turn: Turn | None) -> None:
    """Whether an answer was made, its cost in USD, and how long the person waited for its first words and for all."""
    end = turn.end if turn else None
    count(metrics, "Answers", 1 if end and end.final else 0)
    count(metrics, "FailedAnswers", 1 if end and end.error else 0)
    if end and end.final:
        count(metrics, "CachedAnswers", 1 if end.final.metadata.cached else 0)
        metrics.add_metric(name="Cost", unit="None", value=end.final.metadata.usage.cost_usd or 0)
        told = end.final.metadata.timings_ms
        for name, milliseconds in (("FirstToken", told.queue + told.first_token), ("WholeAnswer", told.total)):
            metrics.add_metric(name=name, unit=MetricUnit.Milliseconds, value=milliseconds)
