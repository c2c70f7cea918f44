"""The processes in the lab: a master, the bare handler that it is compared with, workers."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from lossrate.commands import run
from lossrate.errors import LossrateError
from lossrate.lab import network
from lossrate.lab.folder import FOLDER, LOGS, WORKER_TOKEN, token
from lossrate.lab.hosts import BARE_PORT, MASTER, MASTER_PORT, MASTER_URL, Host, inside
from lossrate.machine import PROJECT

URGENT = ("chrt", "--rr", "1")
"""Before the command of a host that has a processor for itself, as it would on a machine of its own: those of the
master and of the client. On two cores four busy workers would else make each of their steps wait for some
milliseconds, however nice they are, as a running process is let finish its slice: 32 uploads a second instead of 63."""

PATIENT = ("chrt", "--batch", "0")
"""Before the command of a worker, which also gets the lowest share (see `_yield`): the threads of the kernel that write
to disk and send packets are no one's, and would wait for the workers as well: 65 uploads a second instead of 72."""
LOWEST_SHARE = 19

START_SECONDS = 60.0
"""For the master to begin."""
SETTLE_SECONDS = 1.0
"""A process that cannot start at all has ended by then."""
END_SECONDS = 10.0


def start_all(hosts: Sequence[Host], relay: "subprocess.Popen[bytes] | None") -> None:
    """Start the master, the bare handler, and a worker on each of these hosts; returns when they run.

    :param relay: of a cable, which runs already
    :raises LossrateError: where one of them ends
    """
    started = [*([relay] if relay else []), _start_master(), _start_bare()]
    _await_worker_token(started)
    started += [_start_worker(host) for host in hosts]
    time.sleep(SETTLE_SECONDS)
    _require_running(started)


def end_all() -> None:
    """End all that runs in the lab, whoever has started it.

    :raises LossrateError: where something does not end
    """
    for kind in (signal.SIGTERM, signal.SIGKILL):
        for pid in running():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, kind)
        deadline = time.monotonic() + END_SECONDS
        while time.monotonic() < deadline:
            if not running():
                return
            time.sleep(0.1)
    raise LossrateError(f"Processes of the lab do not end: {running()}")


def running() -> list[int]:
    """Processes in the namespaces of the lab.

    :raises LossrateError: where this one is one of them
    """
    pids = [int(pid) for name in network.namespaces() for pid in run(["ip", "netns", "pids", name]).split()]
    if os.getpid() in pids:
        raise LossrateError("This is a shell in the lab: leave it first")
    return pids


def _start_master() -> "subprocess.Popen[bytes]":
    settings = {
        "HOST": MASTER.address,
        "PORT": f"{MASTER_PORT}",
        "ARGUS_TOKEN": token(),
        "DATA_DIR": str(FOLDER / "master"),
        "LOG_LEVEL": "warn",
    }
    return _start(MASTER, "master", ["node", "server/dist/main.js"], settings)


def _start_bare() -> "subprocess.Popen[bytes]":
    """What the master is compared with: writes each body to disk and answers, and does no more."""
    script = ["--import", "tsx", "loadtest/bench/bare-receiver.ts"]
    return _start(MASTER, "bare", ["node", *script, str(FOLDER / "bare"), MASTER.address, f"{BARE_PORT}"], {})


def _await_worker_token(started: "Sequence[subprocess.Popen[bytes]]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while not WORKER_TOKEN.exists():
        _require_running(started)
        if time.monotonic() > deadline:
            raise LossrateError(f"The master has not begun within {START_SECONDS:g} s: see {LOGS}")
        time.sleep(0.05)


def _require_running(started: "Sequence[subprocess.Popen[bytes]]") -> None:
    for process in started:
        if process.poll() is not None:
            raise LossrateError(f"{process.args!s} ended with code {process.returncode}: see {LOGS}")


def _start_worker(host: Host) -> "subprocess.Popen[bytes]":
    settings = {
        "MASTER_URL": MASTER_URL,
        "WORKER_TOKEN": "",
        "WORKER_TOKEN_FILE": str(WORKER_TOKEN),
        "WORKER_NAME": host.name,
        "THREADS": "1",
        "CACHE_DIR": str(FOLDER / host.name),
        "MALLOC_ARENA_MAX": "2",
        "LOG_LEVEL": "warn",
    }
    worker = _start(host, host.name, ["node", "worker/dist/main.js"], settings)
    _yield(worker)
    return worker


def _start(host: Host, name: str, command: Sequence[str], settings: dict[str, str]) -> "subprocess.Popen[bytes]":
    with (LOGS / f"{name}.log").open("wb") as log:
        return subprocess.Popen(
            [*inside(host.namespace), *(URGENT if host == MASTER else PATIENT), *command],
            cwd=PROJECT,
            env={**os.environ, **settings},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # A Ctrl-C is the harness's: it takes the lab down in good order.
            start_new_session=True,
        )


def _yield(process: "subprocess.Popen[bytes]") -> None:
    """Give a process the lowest share of the processors, where the kernel shares them out by session (autogroup)."""
    share = Path(f"/proc/{process.pid}/autogroup")
    if share.exists():
        share.write_text(f"{LOWEST_SHARE}")
