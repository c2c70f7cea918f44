"""How the commands `run`, `plot`, `report` and `lab` are called, and how they end."""

import argparse
import os
import shlex
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

import numpy as np

from lossrate.analysis import violations
from lossrate.errors import LossrateError
from lossrate.lab import lab
from lossrate.lab.hosts import MASTER_URL, inside
from lossrate.loss.choose import SETTERS
from lossrate.loss.setter import DIRECTIONS
from lossrate.plan import DUPLICATED
from lossrate.plot import plot
from lossrate.report import REPORT, report
from lossrate.results import ResultFolder
from lossrate.run import FAILED, run
from lossrate.uploads.strategy import STRATEGIES

RATES = tuple(round(float(rate), 4) for rate in np.linspace(0, 0.6, 10))
"""The original's."""

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Ctrl-C, the end of the machine, and that of the terminal."""
INTERRUPTED = 130

MOST_DELAY_MS = 1000.0
"""An answer takes twice as long, and uploads are given up after 3 s."""


def main(words: Sequence[str] | None = None) -> int:
    """Run a command; returns its exit code: 0, 1 where something is wrong, 130 after Ctrl-C."""
    for kind in ENDING:
        signal.signal(kind, _interrupt)
    options = _parser().parse_args(words)
    options.words = sys.argv[1:] if words is None else list(words)
    try:
        code: int = options.command(options)
    except LossrateError as error:
        print(error, file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("\nInterrupted. The same command goes on where it was.", file=sys.stderr)
        return INTERRUPTED
    return code


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    # Whoever presses it again must not keep the loss from being taken away; that takes a second.
    for kind in ENDING:
        signal.signal(kind, signal.SIG_IGN)
    raise KeyboardInterrupt


def _plot(options: argparse.Namespace) -> int:
    for path in plot(ResultFolder(options.out).read(), options.out):
        print(path)
    return 0


def _report(options: argparse.Namespace) -> int:
    results = ResultFolder(options.out).read()
    path = options.out / REPORT
    path.write_text(report(results))
    print(path)
    broken = violations(results)
    for line in broken:
        print(line, file=sys.stderr)
    return FAILED if broken else 0


def _lab_up(options: argparse.Namespace) -> int:
    lab.up(lab.LabOptions(options.workers, options.delay))
    run_options = [*lab.options(), "--workers", f"{options.workers}", "--delay", f"{options.delay:g}"]
    print(f"The master is at {MASTER_URL}. On its client, which `python3 -m lossrate lab shell client` enters:")
    print(f"python3 -m lossrate run --images PHOTOS --out FOLDER {shlex.join(run_options)}")
    return 0


def _lab_shell(options: argparse.Namespace) -> int:
    lab.require_root()
    command = [*inside(lab.namespace_of(options.host)), os.environ.get("SHELL", "/bin/sh")]
    os.execvpe(command[0], command, lab.environment())  # noqa: S606


def _lab_down(_options: argparse.Namespace) -> int:
    lab.down()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lossrate", description="Measures how uploads and recognition fare on links that lose packets."
    )
    commands = parser.add_subparsers(required=True, metavar="command")
    _add_run(commands.add_parser("run", help="carry out an experiment, or go on with it"))
    for name, command, text in (
        ("plot", _plot, "draw the charts of an experiment"),
        ("report", _report, "write the table and what it shows; fails where a job was lost or doubled"),
    ):
        reader = commands.add_parser(name, help=text)
        _add_out(reader)
        reader.set_defaults(command=command)
    _add_lab(commands.add_parser("lab", help="a master, workers and a client on one machine, in network namespaces"))
    return parser


def _add_run(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--images", type=Path, required=True, help="folder of photos")
    add(
        "--labels",
        type=Path,
        help="CSV with file and class_index, or the ground truth of ILSVRC2012's validation set",
    )
    add("--synsets", type=Path, help="ILSVRC's meta.mat; by default the one beside the ground truth")
    _add_out(parser)
    add("--photos", type=_count, default=100, help="uploads a turn (100)")
    add("--rates", type=_rate, nargs="+", default=RATES, help="loss rates from 0 to below 1 (ten, 0 to 0.6)")
    names = [*STRATEGIES, *(f"{name}{DUPLICATED}" for name in STRATEGIES)]
    add(
        "--strategies",
        nargs="+",
        choices=names,
        default=list(STRATEGIES),
        metavar="NAME",
        help=", ".join(names),
    )
    add("--directions", nargs="+", choices=DIRECTIONS, default=[DIRECTIONS[0]], help=", ".join(DIRECTIONS))
    add("--repeats", type=_count, default=1, help="times that each turn is carried out (1)")
    add("--seed", type=int, default=1, help="of the choice of photos (1)")
    add("--master", default=os.environ.get("ARGUS_MASTER", "http://127.0.0.1:5000"), help="its address")
    add("--token", default=os.environ.get("ARGUS_TOKEN"), help="what opens its doors (ARGUS_TOKEN)")
    add(
        "--workers",
        type=_count,
        default=4,
        help="workers that have to be there, or that the lab is to have (4)",
    )
    add("--setter", choices=SETTERS, default="auto", help="what drops packets: " + ", ".join(SETTERS))
    add("--at", default="", help='how commands run where packets are dropped, such as "ssh root@bridge"')
    add("--server-port", help="device of the drop point on the server's side")
    add("--client-port", help="device of the drop point on the client's side")
    add("--bare", help="address of a handler that only stores what it gets, to compare with")
    add("--lab", action="store_true", help="in a lab that is brought up for it and taken down afterwards")
    add("--delay", type=_delay, default=0.0, help="of the lab's client, in milliseconds each way (0)")
    add("--in-lab", action="store_true", help="this is a host of the lab, as `lab up` says")
    parser.set_defaults(command=run)


def _add_lab(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(required=True, metavar="command")
    up = commands.add_parser("up", help="bring it up")
    up.add_argument("--workers", type=_count, default=4, help="(4)")
    up.add_argument("--delay", type=_delay, default=0.0, help="of the client, in milliseconds each way (0)")
    up.set_defaults(command=_lab_up)
    shell = commands.add_parser("shell", help="a shell on one of its hosts")
    shell.add_argument("host", help="master, client, worker-1, …, or switch")
    shell.set_defaults(command=_lab_shell)
    down = commands.add_parser("down", help="take it down, whatever is left of it")
    down.set_defaults(command=_lab_down)


def _add_out(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, required=True, help="folder of the experiment")


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("has to be 1 or more")
    return value


def _rate(text: str) -> float:
    value = float(text)
    if not 0 <= value < 1:
        raise argparse.ArgumentTypeError("has to be from 0 to below 1")
    return round(value, 4)


def _delay(text: str) -> float:
    value = float(text)
    if not 0 <= value <= MOST_DELAY_MS:
        raise argparse.ArgumentTypeError(f"has to be from 0 to {MOST_DELAY_MS:g}")
    return value
