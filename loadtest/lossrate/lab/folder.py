"""What the lab writes: on a disk, and for root alone."""

import fcntl
import secrets
import shutil
from pathlib import Path
from typing import TextIO

from lossrate.errors import LossrateError

FOLDER = Path("/var/lib/argus-lab")
"""Not below /run, which is memory, where fsync costs nothing."""

LOGS = FOLDER / "logs"
TOKEN_FILE = FOLDER / "token"
WORKER_TOKEN = FOLDER / "master" / "worker-token"
OWNER = FOLDER / "owner"
"""Locked for as long as the process lives that a lab goes with: where it was killed, the lab is nobody's."""


def prepare() -> TextIO:
    """Make it, empty; returns the owner's file, locked."""
    remove()
    for folder in (FOLDER / "master", FOLDER / "bare", LOGS):
        folder.mkdir(parents=True, mode=0o700)
    FOLDER.chmod(0o700)
    TOKEN_FILE.write_text(secrets.token_hex(16))
    owner = OWNER.open("w")
    fcntl.flock(owner, fcntl.LOCK_EX)
    return owner


def has_owner() -> bool:
    """Whether the lab is somebody's: it was brought up to stay, or its process lives."""
    try:
        with OWNER.open() as owner:
            fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (FileNotFoundError, BlockingIOError):
        return True
    return False


def remove() -> None:
    """Remove it, where it is."""
    shutil.rmtree(FOLDER, ignore_errors=True)


def token() -> str:
    """Read what opens the master's doors.

    :raises LossrateError: where there is no lab
    """
    try:
        return TOKEN_FILE.read_text()
    except FileNotFoundError as error:
        raise LossrateError("There is no lab: python3 -m lossrate lab up") from error
