"""Where PostgreSQL's Unix socket of a data folder lies, and the address other processes reach it by."""

import hashlib
import os
import stat
import tempfile
from pathlib import Path

from psycopg.conninfo import make_conninfo

from kosha.errors import Conflict

DATABASE = "postgres"
USER = "kosha"
PORT = 5432
LINK_NAME = "run"
# sun_path holds 104 bytes on macOS and 108 on Linux, the closing zero included (unix(7)).
LONGEST_FOLDER_BYTES = 103 - len(f"/.s.PGSQL.{PORT}")


def dsn_of(folder: Path) -> str:
    """libpq address of the PostgreSQL of this data folder, for any process; whether it runs is not asked."""
    return make_conninfo(host=str(socket_folder(folder)), port=PORT, user=USER, dbname=DATABASE)


def socket_folder(folder: Path) -> Path:
    """`folder`/run, or, where that is too long for a socket, the short folder that this link points to."""
    link = folder.resolve() / LINK_NAME
    if link.is_symlink():
        return link.readlink()
    return link if len(os.fsencode(link)) <= LONGEST_FOLDER_BYTES else _short_folder(folder)


def make_socket_folder(folder: Path, owner: tuple[int, int]) -> Path:
    """Make the socket's folder, private to `owner` (user id, group id). Raises Conflict where somebody took its name.

    A short folder has a name that others can work out, so one that is there already is used only if it is our own.
    """
    link = folder.resolve() / LINK_NAME
    if link.is_symlink():
        link.unlink()
    place = socket_folder(folder)
    # exist_ok alone would take a link that somebody laid there for a folder
    if not place.is_symlink():
        place.mkdir(mode=0o700, exist_ok=True)
    found = place.lstat()
    ours = stat.S_ISDIR(found.st_mode) and found.st_uid in {os.geteuid(), owner[0]}
    if place != link and not ours:
        raise Conflict(f"{place} belongs to somebody else. Remove it, or choose a data folder with a shorter path.")
    if os.geteuid() == 0:
        os.chown(place, *owner)
    place.chmod(0o700)
    if place != link:
        link.symlink_to(place)
    return place


def _short_folder(folder: Path) -> Path:
    digest = hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"kosha-{os.geteuid()}-{digest}"
