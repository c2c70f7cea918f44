"""The lab's cables and its switch."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from lossrate.commands import run
from lossrate.lab.hosts import NETWORK_BITS, PREFIX, SWITCH, Host, inside
from lossrate.lab.relay import FAR_END, NEAR_END, relay_command
from lossrate.loss.choose import has_netem

PACKAGES = Path(__file__).resolve().parents[2]
BRIDGE = "bridge"
CABLE = ("rate", "100mbit", "burst", "16kb", "latency", "200ms")
"""Of each cable, each way: 100 Mbit/s behind a queue of a fifth of a second, which is not filled by what runs here."""

OFFLOADS = ("tso", "gso", "gro", "tx", "rx", "sg")
"""With them one drop would take a bundle of up to 64 KB, and not a packet as a cable knows it."""

KERNEL = {
    # The one that every kernel has and lets namespaces have; machines' defaults differ (cubic, bbr).
    "net/ipv4/tcp_congestion_control": "reno",
    # What one turn has learnt of the path must not help or hinder the next one.
    "net/ipv4/tcp_no_metrics_save": "1",
    # As byte queue limits and fq_codel see to on a real card: an answer does not wait behind a whole photo.
    "net/ipv4/tcp_limit_output_bytes": "16384",
}


def namespaces(prefix: str = PREFIX) -> list[str]:
    """Names of all that are the lab's, or whose names begin otherwise."""
    lines = run(["ip", "netns", "list"]).splitlines()
    names = [line.split()[0] for line in lines if line.strip()]
    return [name for name in names if name.startswith(prefix)]


def build(hosts: Sequence[Host], slow: Host, delay_ms: float) -> "subprocess.Popen[bytes] | None":
    """Lay out the network.

    :param slow: the host whose cable is so long
    :param delay_ms: that each packet takes so many milliseconds on it, each way
    :returns: the process that delays packets, where the kernel has no netem for it
    """
    run(["ip", "netns", "add", SWITCH])
    _ip(SWITCH, "link", "add", "name", BRIDGE, "type", "bridge")
    _ip(SWITCH, "link", "set", "dev", BRIDGE, "up")
    relay = None
    for host in hosts:
        run(["ip", "netns", "add", host.namespace])
        _ip(host.namespace, "link", "set", "dev", "lo", "up")
        for path, value in KERNEL.items():
            run(["sh", "-c", f"echo {value} > /proc/sys/{path}"], at=inside(host.namespace))
        is_delayed = delay_ms > 0 and host == slow
        if is_delayed and not has_netem(inside(SWITCH)):
            relay = _lay_relayed_cable(host, delay_ms)
        else:
            _lay_cable(host, delay_ms if is_delayed else 0)
    return relay


def remove(prefix: str = PREFIX) -> None:
    """Take away all namespaces, with the devices in them. What runs in them has to be ended first."""
    for name in namespaces(prefix):
        run(["ip", "netns", "del", name])


def _lay_cable(host: Host, delay_ms: float) -> None:
    _pair(SWITCH, host.port, host.namespace, "eth0")
    _attach(host)
    if delay_ms > 0:
        # Below the limit of the rate, as the last thing before the wire.
        for namespace, device in ((SWITCH, host.port), (host.namespace, "eth0")):
            delay = ["netem", "limit", "10000", "delay", f"{delay_ms:g}ms"]
            run(["tc", "-n", namespace, "qdisc", "add", "dev", device, "parent", "1:1", *delay])


def _lay_relayed_cable(host: Host, delay_ms: float) -> "subprocess.Popen[bytes]":
    """Two pieces of cable, with a process between them that holds each frame back."""
    _pair(SWITCH, FAR_END, host.namespace, "eth0")
    _pair(SWITCH, host.port, SWITCH, NEAR_END)
    for end in (FAR_END, NEAR_END):
        _bring_up(SWITCH, end)
    _attach(host)
    return subprocess.Popen([*inside(SWITCH), *relay_command(delay_ms)], cwd=PACKAGES, start_new_session=True)


def _attach(host: Host) -> None:
    _ip(SWITCH, "link", "set", "dev", host.port, "master", BRIDGE)
    _ip(host.namespace, "addr", "add", f"{host.address}/{NETWORK_BITS}", "dev", "eth0")
    for namespace, device in ((SWITCH, host.port), (host.namespace, "eth0")):
        _bring_up(namespace, device)
        run(["tc", "-n", namespace, "qdisc", "add", "dev", device, "root", "handle", "1:", "tbf", *CABLE])


def _bring_up(namespace: str, device: str) -> None:
    off = [word for name in OFFLOADS for word in (name, "off")]
    run(["ethtool", "-K", device, *off], at=inside(namespace))
    _ip(namespace, "link", "set", "dev", device, "up")


def _pair(namespace: str, device: str, peer_namespace: str, peer: str) -> None:
    what = ["link", "add", "name", device, "type", "veth", "peer", "name", peer, "netns", peer_namespace]
    _ip(namespace, *what)


def _ip(namespace: str, *words: str) -> None:
    run(["ip", "-n", namespace, *words])
