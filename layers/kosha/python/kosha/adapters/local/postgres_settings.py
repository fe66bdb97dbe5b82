"""How our PostgreSQL is set: durable, on a socket only, and modest enough for a small machine."""

import os
from pathlib import Path

from kosha.adapters.local.postgres_leftovers import cluster_name
from kosha.adapters.local.postgres_socket import PORT

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108  only its size is asked
ROOMY_SHARED_MEMORY_BYTES = 512 * 2**20
LEAST_BUFFERS_MEGABYTES, MOST_BUFFERS_MEGABYTES = 128, 512


def server_settings(cluster: Path, sockets: Path) -> dict[str, str]:
    """Every setting that differs from PostgreSQL's default or that we rely on, for the command line."""
    return {
        # Who may come, and how processes of this cluster are told from others
        "cluster_name": cluster_name(cluster),
        "listen_addresses": "",
        "port": str(PORT),
        "unix_socket_directories": _quoted(sockets),
        "unix_socket_permissions": "0700",
        "max_connections": "60",
        # What was acknowledged is on disk
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        # Memory: shared_buffers is taken page by page as it is used, so an idle server stays small
        "shared_buffers": f"{_shared_buffers_megabytes()}MB",
        "work_mem": "16MB",
        "maintenance_work_mem": "256MB",
        "effective_cache_size": "1GB",
        "huge_pages": "off",
        "dynamic_shared_memory_type": _dynamic_shared_memory_type(),
        # Few processes: a parallel plan costs more to start than our queries take, and other chats want the cores
        "max_worker_processes": "4",
        "max_parallel_workers": "2",
        "max_parallel_workers_per_gather": "0",
        "max_parallel_maintenance_workers": "1",
        "max_logical_replication_workers": "0",
        "io_method": "sync",
        # Journal and planner
        "max_wal_size": "1GB",
        "min_wal_size": "80MB",
        "checkpoint_timeout": "15min",
        "random_page_cost": "1.1",
        "jit": "off",
        # The log says when it starts, stops and fails; errors of a query go to its caller, with no text of documents
        "logging_collector": "off",
        "log_destination": "stderr",
        "log_min_messages": "log",
        "log_min_error_statement": "panic",
        "log_checkpoints": "off",
        "log_line_prefix": "%m [%p] ",
        "timezone": "UTC",
        "log_timezone": "UTC",
    }


def _shared_buffers_megabytes() -> int:
    """An eighth of the machine's memory, up to 512 MB.

    The indexes of 100,000 chunks take 600 MB: with 512 instead of 256 a search there costs the server a sixth less.
    """
    memory_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min(max(memory_bytes // 8 // 2**20, LEAST_BUFFERS_MEGABYTES), MOST_BUFFERS_MEGABYTES)


def _dynamic_shared_memory_type() -> str:
    """`mmap` (files in the cluster) where /dev/shm is as small as a container's 64 MB: index builds outgrow it."""
    try:
        found = os.statvfs(SHARED_MEMORY)
    except OSError:
        return "mmap"
    return "posix" if found.f_frsize * found.f_bavail >= ROOMY_SHARED_MEMORY_BYTES else "mmap"


def _quoted(path: Path) -> str:
    """One entry of a list setting; PostgreSQL would split a bare path at its commas."""
    return '"' + str(path).replace('"', '""') + '"'
