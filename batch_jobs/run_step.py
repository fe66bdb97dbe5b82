"""Job door: one step of a state machine in a container of its own, `run_step STEP ARGUMENTS-JSON`.

Ends with 0 when the step's outcome is written down, whatever it was; with TRY_AGAIN (75) where the world was at fault,
so that Batch starts the job anew; with 1 and a traceback for a bug.
"""

import json
import os
import sys

from kosha import steps
from kosha.ports import Ports
from kosha.wiring.aws import AwsPorts


def main(step: str, arguments: str, ports: Ports) -> int:
    """Run it; the exit status."""
    is_settled = steps.run_in_job({"step": step, "arguments": json.loads(arguments)}, ports)
    return 0 if is_settled else os.EX_TEMPFAIL


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:], ports=AwsPorts()))
