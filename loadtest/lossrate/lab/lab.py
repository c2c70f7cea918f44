"""Brings the lab up, with a master and workers of this project in it, and takes it down again."""

import contextlib
import fcntl
import os
import secrets
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from lossrate.commands import require, run
from lossrate.errors import LossrateError
from lossrate.lab import network
from lossrate.lab.hosts import (
    BARE_PORT,
    BARE_URL,
    CLIENT,
    MASTER,
    MASTER_PORT,
    MASTER_URL,
    PREFIX,
    SWITCH,
    Host,
    inside,
    workers,
)
from lossrate.loss.setter import DropPoint
from lossrate.machine import PROJECT

FOLDER = Path("/var/lib/argus-lab")
"""What the lab's processes write. On a disk, and for root alone: /run would be memory, where fsync costs nothing."""

LOGS = FOLDER / "logs"
TOKEN_FILE = FOLDER / "token"
OWNER = FOLDER / "owner"
"""Locked for as long as the process lives that a lab goes with: where it was killed, the lab is nobody's."""

WORKER_TOKEN = FOLDER / "master" / "worker-token"
PROGRAMS = {"ip": "iproute2", "tc": "iproute2", "nft": "nftables", "ethtool": "ethtool", "chrt": "util-linux"}

URGENT = ("chrt", "--rr", "1")
"""Before the command of a host that has a processor for itself, as it would on a machine of its own: those of the
master and of the client. On two cores four busy workers would else make each of their steps wait for some
milliseconds, however nice they are, as a running process is let finish its slice: 32 uploads a second instead of 63."""

PATIENT = ("chrt", "--batch", "0")
"""Before the command of a worker, which also gets the lowest share (see `_yield`): the threads of the kernel that write
to disk and send packets are no one's, and would wait for the workers as well: 65 uploads a second instead of 72."""
LOWEST_SHARE = 19

START_SECONDS = 20.0
"""For the master to begin."""
SETTLE_SECONDS = 1.0
"""A process that cannot start at all has ended by then."""
END_SECONDS = 10.0

POINT = DropPoint(inside(SWITCH), MASTER.port, CLIENT.port)
"""Where packets between master and client are dropped."""


@dataclass(frozen=True)
class LabOptions:
    """What kind of lab."""

    workers: int = 4
    delay_ms: float = 0.0
    """That each packet of the client takes longer, each way."""


def up(options: LabOptions) -> None:
    """Bring it up, to stay. Returns when its processes run; the workers take jobs some seconds later.

    :raises LossrateError: where it cannot be, and then nothing of it is left but the logs
    """
    with _bring_up(options):
        OWNER.unlink()


@contextlib.contextmanager
def brought_up(options: LabOptions) -> Iterator[None]:
    """Have one for some time; where this process is killed meanwhile, the next one that wants a lab takes it away.

    :raises LossrateError: as `up`
    """
    with _bring_up(options):
        try:
            yield
        finally:
            try:
                down()
            except KeyboardInterrupt:
                # There is no second one.
                down()
                raise


def _bring_up(options: LabOptions) -> TextIO:
    """:returns: the owner's file, locked."""
    require_root()
    require(PROGRAMS)
    if not (PROJECT / "server" / "dist" / "main.js").exists():
        raise LossrateError("The project is not built: npm run build")
    if not os.environ.get("MODEL_DIR"):
        raise LossrateError("The lab has no way out to fetch a model: set MODEL_DIR to a folder with one")
    require_none()
    try:
        owner = _prepare_folder()
        hosts = workers(options.workers)
        started = [network.build([MASTER, CLIENT, *hosts], CLIENT, options.delay_ms)]
        started += [_start_master(), _start_bare()]
        _await_worker_token(started)
        started += [_start_worker(host) for host in hosts]
        time.sleep(SETTLE_SECONDS)
        _require_running(started)
    except BaseException:
        down(keep_folder=True)
        raise
    return owner


def down(*, keep_folder: bool = False) -> None:
    """Take it down: end all that runs in it, and remove what it has made. Does no harm where there is none."""
    require_root()
    _end_processes()
    network.remove()
    if not keep_folder:
        shutil.rmtree(FOLDER, ignore_errors=True)


def require_none() -> None:
    """Take away what is left of a lab that is nobody's.

    :raises LossrateError: where there is one in use
    """
    if not network.namespaces():
        return
    if _is_in_use():
        raise LossrateError("There is a lab already: python3 -m lossrate lab down")
    print("A lab was left behind by a process that was killed; it is taken away.", file=sys.stderr)
    down()


def token() -> str:
    """Read what opens the master's doors.

    :raises LossrateError: where there is no lab
    """
    try:
        return TOKEN_FILE.read_text()
    except FileNotFoundError as error:
        raise LossrateError("There is no lab: python3 -m lossrate lab up") from error


def options() -> list[str]:
    """Options of `run` that name its drop point and its bare handler."""
    point = ["--at", shlex.join(POINT.at), "--server-port", POINT.server_port, "--client-port", POINT.client_port]
    return [*point, "--bare", BARE_URL, "--in-lab"]


def environment() -> dict[str, str]:
    """What tells clients in the lab of its master."""
    return {**os.environ, "ARGUS_MASTER": MASTER_URL, "ARGUS_TOKEN": token()}


def namespace_of(name: str) -> str:
    """Namespace of a host, or of the switch.

    :raises LossrateError: where there is none of this name
    """
    known = {each.removeprefix(PREFIX): each for each in network.namespaces()}
    if name not in known:
        raise LossrateError(f"The lab has no {name!r}; it has: {', '.join(sorted(known)) or 'nothing, it is not up'}")
    return known[name]


def require_root() -> None:
    """:raises LossrateError: where this process is not root's."""
    if os.geteuid() != 0:
        raise LossrateError("The lab needs root: it makes network namespaces, and drops packets in them")


def _is_in_use() -> bool:
    if not _processes():
        return False
    try:
        with OWNER.open() as owner:
            fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (FileNotFoundError, BlockingIOError):
        # It was brought up to stay; or its process lives.
        return True
    return False


def _prepare_folder() -> TextIO:
    shutil.rmtree(FOLDER, ignore_errors=True)
    for folder in (FOLDER / "master", FOLDER / "bare", LOGS):
        folder.mkdir(parents=True, mode=0o700)
    FOLDER.chmod(0o700)
    TOKEN_FILE.write_text(secrets.token_hex(16))
    owner = OWNER.open("w")
    fcntl.flock(owner, fcntl.LOCK_EX)
    return owner


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


def _await_worker_token(started: "Sequence[subprocess.Popen[bytes] | None]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while not WORKER_TOKEN.exists():
        _require_running(started)
        if time.monotonic() > deadline:
            raise LossrateError(f"The master has not begun within {START_SECONDS:g} s: see {LOGS}")
        time.sleep(0.05)


def _require_running(started: "Sequence[subprocess.Popen[bytes] | None]") -> None:
    for process in filter(None, started):
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


def _end_processes() -> None:
    for kind in (signal.SIGTERM, signal.SIGKILL):
        for pid in _processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, kind)
        deadline = time.monotonic() + END_SECONDS
        while time.monotonic() < deadline:
            if not _processes():
                return
            time.sleep(0.1)
    raise LossrateError(f"Processes of the lab do not end: {_processes()}")


def _processes() -> list[int]:
    """All that run in a namespace of the lab."""
    pids = [int(pid) for name in network.namespaces() for pid in run(["ip", "netns", "pids", name]).split()]
    if os.getpid() in pids:
        raise LossrateError("This is a shell in the lab: leave it first")
    return pids
