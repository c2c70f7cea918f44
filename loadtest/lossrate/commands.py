"""Runs programs of the system: here, in a namespace, or on another machine."""

import shutil
import subprocess
from collections.abc import Sequence

from lossrate.errors import LossrateError

SECONDS = 30


def run(command: Sequence[str], *, text: str = "", at: Sequence[str] = ()) -> str:
    """Run a program to its end.

    :param text: its input
    :param at: what the command is put behind, such as `ssh root@router` or `ip netns exec NAME`
    :returns: what it printed
    :raises LossrateError: where it fails, with what it said
    """
    words = [*at, *command]
    try:
        done = subprocess.run(words, input=text, capture_output=True, text=True, timeout=SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise LossrateError(f"{' '.join(words)}: {error}") from error
    if done.returncode != 0:
        raise LossrateError(f"{' '.join(words)}: {done.stderr.strip() or f'code {done.returncode}'}")
    return done.stdout


def require(programs: dict[str, str]) -> None:
    """Look whether programs are installed.

    :param programs: Debian's packages by the programs in them
    :raises LossrateError: naming the packages that are missing
    """
    missing = sorted({package for program, package in programs.items() if shutil.which(program) is None})
    if missing:
        raise LossrateError(f"Programs are missing: apt-get install {' '.join(missing)}")
