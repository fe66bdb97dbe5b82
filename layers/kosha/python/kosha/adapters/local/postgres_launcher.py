"""Runs as its own tiny process: drops root, ties itself to its parent's life, and becomes PostgreSQL.

Called as `python -I -S postgres_launcher.py JSON`; stands alone, so that it starts in 30 ms. PostgreSQL refuses
user id 0. A user namespace of its own shows it another id while the kernel goes on treating its files as root's, so
that folders which only root may enter still work; where namespaces are forbidden it becomes an ordinary user.
"""

import ctypes
import json
import os
import signal
import sys
from typing import TypedDict

CANNOT_LAUNCH = 126  # what a shell answers when a program is there and may not be run
CLONE_NEWUSER = 0x10000000  # <linux/sched.h>
PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
# Nothing of the caller's: PGDATA, PGOPTIONS or a locale that is not installed would change what runs.
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


class Order(TypedDict):
    """What to run, as whom, and for whom."""

    command: list[str]
    uid: int
    gid: int
    namespace: bool
    parent_pid: int
    must_reach: list[str]


def launch(order: Order) -> None:
    """Become the command; raises OSError with a reason a person can act on."""
    if order["namespace"]:
        _enter_namespace(order["uid"], order["gid"])
    elif order["uid"] != os.geteuid():
        os.setgroups([])
        os.setgid(order["gid"])
        os.setuid(order["uid"])
    for path in order["must_reach"]:
        _check_reach(path)
    _die_with_parent(order["parent_pid"])
    os.umask(0o077)
    os.execve(order["command"][0], order["command"], ENVIRONMENT)  # noqa: S606  there is no shell on purpose


def _enter_namespace(uid: int, gid: int) -> None:
    """Be `uid` in a new user namespace that stands for who we are outside of it."""
    outer_uid, outer_gid = os.geteuid(), os.getegid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "user namespaces are not allowed here")
    # The kernel takes a group map from the unprivileged only after setgroups is given up (user_namespaces(7)).
    for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {outer_uid} 1"), ("gid_map", f"{gid} {outer_gid} 1")):
        with open(f"/proc/self/{name}", "w") as file:  # noqa: PTH123  pathlib doubles the start time
            file.write(text)


def _check_reach(path: str) -> None:
    """Name the first folder on the way that this user may not enter."""
    step = ""
    for name in path.strip("/").split("/"):
        step += "/" + name
        if not os.access(step, os.X_OK):
            raise PermissionError(13, f"user id {os.geteuid()} may not enter", step)


def _die_with_parent(parent_pid: int) -> None:
    """Ask Linux for a fast shutdown of PostgreSQL when the thread that started us is gone.

    Comes last: changing the user clears it. Elsewhere the next start finds and stops what was left over.
    """
    if not sys.platform.startswith("linux"):
        return
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Python's own handler would lose one that comes before the exec
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGINT))
    if os.getppid() != parent_pid:
        raise ProcessLookupError(3, "the program that started PostgreSQL has gone")


if __name__ == "__main__":
    try:
        launch(json.loads(sys.argv[1]))
    except OSError as error:
        reason = f"{error.strerror}: {error.filename}" if error.filename else error.strerror
        print(reason, file=sys.stderr)  # noqa: T201  the supervisor reads it
        sys.exit(CANNOT_LAUNCH)
