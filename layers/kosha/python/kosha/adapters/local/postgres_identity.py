"""Who PostgreSQL runs as: ourselves, or, when we are root, the first stand-in that works on this machine."""

import json
import os
import pwd
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kosha.adapters.local import postgres_launcher
from kosha.errors import Rejected

PROBE_TIMEOUT_SECONDS = 20.0


@dataclass(frozen=True)
class Identity:
    """`uid` and `gid` as PostgreSQL sees them; in a `namespace` they stand for our own outside of it."""

    uid: int
    gid: int
    namespace: bool = False

    @property
    def owner(self) -> tuple[int, int]:
        """The user and group id that PostgreSQL's files must have on disk."""
        return (os.geteuid(), os.getegid()) if self.namespace else (self.uid, self.gid)

    def command(self, command: Sequence[str | Path], *, must_reach: Sequence[Path] = ()) -> list[str]:
        """The command line that runs `command` as this identity, as a child of this process."""
        order: postgres_launcher.Order = {
            "command": [str(part) for part in command],
            "uid": self.uid,
            "gid": self.gid,
            "namespace": self.namespace,
            "parent_pid": os.getpid(),
            "must_reach": [str(path) for path in must_reach],
        }
        return [sys.executable, "-I", "-S", str(Path(postgres_launcher.__file__).resolve()), json.dumps(order)]

    def adopt(self, folder: Path) -> None:
        """Make this identity the owner of the folder and all in it, and close it to everybody else."""
        if not folder.exists():
            return
        if os.geteuid() == 0 and _owner_of(folder) != self.owner:
            for path in (folder, *folder.rglob("*")):
                os.chown(path, *self.owner, follow_symlinks=False)
        folder.chmod(0o700)


def stand_ins(folder: Path) -> Iterator[Identity]:
    """Who may stand in for root, the best first: root in a namespace, the owner of the data folder, nobody."""
    users = {user.pw_uid: user for user in pwd.getpwall()}
    # initdb looks its user up by id, so only ids with a name will do.
    nobody = next((user for user in users.values() if user.pw_name == "nobody" and user.pw_uid != 0), None)
    if nobody is not None and sys.platform.startswith("linux"):
        yield Identity(nobody.pw_uid, nobody.pw_gid, namespace=True)
    owner = users.get(folder.stat().st_uid)
    if owner is not None and owner.pw_uid != 0:
        yield Identity(owner.pw_uid, owner.pw_gid)
    if nobody is not None:
        yield Identity(nobody.pw_uid, nobody.pw_gid)


def choose_identity(postgres: Path, folder: Path, candidates: Iterable[Identity] | None = None) -> Identity:
    """Ourselves, or as root the first candidate that can run `postgres` and enter `folder`.

    Raises Rejected, with the folder that is in the way of each candidate, when none can.
    """
    if os.geteuid() != 0:
        return Identity(os.geteuid(), os.getegid())
    reasons: list[str] = []
    for identity in stand_ins(folder) if candidates is None else candidates:
        reason = _why_not(identity, postgres, folder)
        if reason is None:
            return identity
        reasons.append(reason)
    raise Rejected(
        f"PostgreSQL does not run as root, and no stand-in works here ({'; '.join(reasons) or 'no user nobody'}). "
        f"Start kosha as an ordinary user, or move the program and the data folder {folder} to where others may enter."
    )


def _why_not(identity: Identity, postgres: Path, folder: Path) -> str | None:
    """What keeps this identity from running PostgreSQL on the folder; None when nothing does."""
    if not identity.namespace and _owner_of(folder)[0] == os.geteuid():
        # Let its group pass through our folder, and nobody else: what lies beside PostgreSQL's part stays closed.
        os.chown(folder, -1, identity.gid)
        folder.chmod(folder.stat().st_mode & 0o7777 | 0o010)
    command = identity.command([postgres, "--version"], must_reach=[postgres, folder])
    probe = subprocess.run(command, cwd="/", capture_output=True, text=True, timeout=PROBE_TIMEOUT_SECONDS, check=False)
    if probe.returncode == 0:
        return None
    return probe.stderr.strip() or f"user id {identity.uid} cannot run {postgres}"


def _owner_of(path: Path) -> tuple[int, int]:
    stat = path.stat()
    return stat.st_uid, stat.st_gid
