"""The command `run`: from its options to an experiment that is carried out, here or in a lab."""

import argparse
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence

from rich.console import Console

from lossrate.errors import LossrateError
from lossrate.experiment import Bench, carry_out
from lossrate.lab import folder, lab, processes
from lossrate.lab.duplication import LabDuplicator
from lossrate.lab.hosts import CLIENT, MASTER_URL, inside
from lossrate.labels import read_labels
from lossrate.loss.choose import choose_setter
from lossrate.loss.others import ManualLoss
from lossrate.loss.setter import DropPoint
from lossrate.machine import machine, version
from lossrate.master import Master
from lossrate.photos import digest_of, load_photos
from lossrate.plan import DUPLICATED, Plan
from lossrate.progress import Progress
from lossrate.results import ResultFolder

FAILED = 1
"""Exit code of a command that something was wrong with."""

WORKERS_SECONDS = 180
"""For workers to load and try the model, on a slow machine and all at once."""


def run(options: argparse.Namespace) -> int:
    """Carry out the experiment that the options describe, here or in a lab; returns the exit code.

    :raises LossrateError: where they do not go together, or something is missing
    """
    if options.lab:
        return _run_in_lab(options)
    setter = choose_setter(options.setter, _drop_point(options))
    if setter.name == "none" and any(options.rates):
        raise LossrateError("Nothing drops packets: name a --setter and its devices, or leave out all --rates but 0")
    if options.delay and not options.in_lab:
        raise LossrateError("--delay is the length of the lab's cable: run --lab")
    labels = read_labels(options.labels, options.synsets) if options.labels else {}
    photos = load_photos(options.images, labels, options.photos, options.seed)
    # Each once: turns are known by them.
    strategies, directions = tuple(dict.fromkeys(options.strategies)), tuple(dict.fromkeys(options.directions))
    if any(name.endswith(DUPLICATED) for name in strategies):
        if not options.in_lab:
            raise LossrateError(f"Strategies with {DUPLICATED} are for the lab: run --lab")
        if "client-to-server" in directions:
            raise LossrateError(f"Strategies with {DUPLICATED} are for packets to the client: see --directions")
    master = Master(options.master, options.token)
    master.await_workers(options.workers, WORKERS_SECONDS)
    plan = Plan(
        strategies=strategies,
        directions=directions,
        rates=tuple(dict.fromkeys(options.rates)),
        photos=options.photos,
        repeats=options.repeats,
        seed=options.seed,
        setter=setter.name,
        has_bare=options.bare is not None,
        workers=options.workers,
        delay_ms=options.delay,
        photos_digest=digest_of(photos),
        master="lab" if options.in_lab else master.url,
        model=master.model(),
        version=version(),
    )
    bench = Bench(master, setter, photos, options.bare, LabDuplicator() if options.in_lab else None)
    with Progress(plan, Console()) as progress:
        if isinstance(setter, ManualLoss):
            setter.ask = progress.ask
        turns = carry_out(plan, bench, ResultFolder(options.out), machine(), progress)
    if turns == 0:
        print("All turns had been carried out before: choose another --out to measure anew.")
    return 0


def _drop_point(options: argparse.Namespace) -> DropPoint | None:
    if options.server_port and options.client_port:
        return DropPoint(tuple(shlex.split(options.at)), options.server_port, options.client_port)
    if options.server_port or options.client_port or options.at:
        raise LossrateError("A drop point has two devices: --server-port and --client-port")
    return None


def _run_in_lab(options: argparse.Namespace) -> int:
    """Bring a lab up, run the same command in its client, and take it down, whatever has happened."""
    if options.setter == "netem" and options.delay:
        raise LossrateError("In the lab netem either drops packets or delays them: --setter nft, or no --delay")
    # Behind what netem would be told to drop are packets that workers send, too.
    setter = ["--setter", "nft"] if options.setter == "auto" else []
    words = [*(word for word in options.words if word != "--lab"), *setter, "--master", MASTER_URL]
    program = [sys.executable, "-m", "lossrate", *words, *lab.options()]
    with lab.brought_up(lab.LabOptions(options.workers, options.delay)):
        code = _follow([*inside(CLIENT.namespace), *processes.URGENT, *program])
        if code == FAILED:
            logs = options.out / "logs"
            shutil.copytree(folder.LOGS, logs, dirs_exist_ok=True)
            print(f"What the lab's processes have logged is in {logs}", file=sys.stderr)
        return code


def _follow(command: Sequence[str]) -> int:
    """Run a command to its end. Where this one is interrupted, that one is told, and has the time to end well."""
    # A session of its own: a Ctrl-C on the terminal comes to this process alone.
    process = subprocess.Popen(command, env=lab.environment(), start_new_session=True)
    try:
        return process.wait()
    except KeyboardInterrupt:
        process.terminate()
        # It says so, and its code does.
        return process.wait()
