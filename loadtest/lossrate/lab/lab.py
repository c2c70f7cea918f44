"""Brings the lab up, with a master and workers of this project in it, and takes it down again."""

import contextlib
import os
import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TextIO

from lossrate.commands import require
from lossrate.errors import LossrateError
from lossrate.lab import folder, network, processes
from lossrate.lab.hosts import BARE_URL, CLIENT, MASTER, MASTER_URL, PREFIX, SWITCH, inside, workers
from lossrate.loss.setter import DropPoint
from lossrate.machine import PROJECT

PROGRAMS = {"ip": "iproute2", "tc": "iproute2", "nft": "nftables", "ethtool": "ethtool", "chrt": "util-linux"}

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
        folder.OWNER.unlink()


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
        owner = folder.prepare()
        hosts = workers(options.workers)
        relay = network.build([MASTER, CLIENT, *hosts], CLIENT, options.delay_ms)
        processes.start_all(hosts, relay)
    except BaseException:
        down(keep_folder=True)
        raise
    return owner


def down(*, keep_folder: bool = False) -> None:
    """Take it down: end all that runs in it, and remove what it has made. Does no harm where there is none."""
    require_root()
    processes.end_all()
    network.remove()
    if not keep_folder:
        folder.remove()


def require_none() -> None:
    """Take away what is left of a lab that is nobody's.

    :raises LossrateError: where there is one in use
    """
    if not network.namespaces():
        return
    if processes.running() and folder.has_owner():
        raise LossrateError("There is a lab already: python3 -m lossrate lab down")
    print("A lab was left behind by a process that was killed; it is taken away.", file=sys.stderr)
    down()


def options() -> list[str]:
    """Options of `run` that name its drop point and its bare handler."""
    point = ["--at", shlex.join(POINT.at), "--server-port", POINT.server_port, "--client-port", POINT.client_port]
    return [*point, "--bare", BARE_URL, "--in-lab"]


def environment() -> dict[str, str]:
    """What tells clients in the lab of its master."""
    return {**os.environ, "ARGUS_MASTER": MASTER_URL, "ARGUS_TOKEN": folder.token()}


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
