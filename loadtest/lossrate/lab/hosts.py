"""Who is in the lab, and where."""

from dataclasses import dataclass

PREFIX = "argus-lab-"
"""Of the names of all namespaces of the lab: whatever bears it is the lab's, and goes with it."""

SWITCH = f"{PREFIX}switch"
"""The namespace of the bridge, in which packets are dropped: in the middle, as neither end may know of it."""

NETWORK_BITS = 24


@dataclass(frozen=True)
class Host:
    """A machine in the lab."""

    name: str
    address: str

    @property
    def namespace(self) -> str:
        """Name of its network namespace."""
        return f"{PREFIX}{self.name}"

    @property
    def port(self) -> str:
        """Device of the switch that its cable ends in."""
        return f"port-{self.name}"


MASTER = Host("master", "10.77.0.1")
CLIENT = Host("client", "10.77.0.2")

MASTER_PORT = 5000
BARE_PORT = 5001
MASTER_URL = f"http://{MASTER.address}:{MASTER_PORT}"
BARE_URL = f"http://{MASTER.address}:{BARE_PORT}"


def workers(count: int) -> list[Host]:
    """So many hosts with a worker each."""
    return [Host(f"worker-{number}", f"10.77.0.{10 + number}") for number in range(1, count + 1)]


def inside(namespace: str) -> tuple[str, ...]:
    """What a command is put behind to run in a namespace."""
    return ("ip", "netns", "exec", namespace)
