"""What the measurements were made on, and of which version."""

import os
import platform
import subprocess
from collections.abc import Sequence
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
CPU_INFO = Path("/proc/cpuinfo")
GIGABYTE = 1e9


def machine() -> str:
    """Describe this machine in one line."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIGABYTE
    parts = [
        f"{os.cpu_count()} cores ({_processor()}), {memory:.0f} GB",
        _distribution(),
        f"Linux {platform.release()}" if platform.system() == "Linux" else platform.platform(),
        f"Node {_say(['node', '--version']) or 'unknown'}",
        f"Python {platform.python_version()}",
    ]
    return ", ".join(parts)


def version() -> str:
    """Of this project: its commit, and `+` where something was changed; empty where git does not know."""
    return _say(["git", "-C", str(PROJECT), "describe", "--always", "--dirty=+", "--abbrev=12"]) or ""


def _processor() -> str:
    lines = CPU_INFO.read_text().splitlines() if CPU_INFO.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _distribution() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        return platform.system()


def _say(command: Sequence[str]) -> str | None:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None
