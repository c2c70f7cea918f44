import math
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lossrate import commands
from lossrate.commands import run
from lossrate.errors import LossrateError
from lossrate.lab import network
from lossrate.loss.choose import choose_setter, has_netem
from lossrate.loss.netem import HANDLE, NetemLoss
from lossrate.loss.nft import TABLE, NftLoss
from lossrate.loss.others import ManualLoss, NoLoss
from lossrate.loss.setter import Direction, DropPoint, LossCounts

IS_ROOT = os.geteuid() == 0
NAMESPACE = "argus-test-loss"
AT = ("ip", "netns", "exec", NAMESPACE)


def test_tells_by_how_many_standard_errors_a_share_is_off() -> None:
    # The standard error of 20 % in 10,000 packets is 0.4 %.
    assert LossCounts(10_000, 2120, 0).deviation(0.2) == pytest.approx(3.0)
    assert LossCounts(10_000, 1960, 0).deviation(0.2) == pytest.approx(1.0)
    assert LossCounts(10_000, 0, 0).deviation(0) == 0
    assert LossCounts(10_000, 1, 0).deviation(0) == math.inf
    assert LossCounts(0, 0, 0).deviation(0.2) == math.inf


def test_a_direction_names_the_devices_that_packets_pass() -> None:
    point = DropPoint((), "to-server", "to-client")
    assert point.ways("server-to-client") == [("to-server", "to-client")]
    assert point.ways("client-to-server") == [("to-client", "to-server")]
    assert len(point.ways("both")) == 2


def test_without_a_setter_there_is_no_loss() -> None:
    setter = choose_setter("auto", None)
    assert isinstance(setter, NoLoss)
    setter.set(0, "both")
    with pytest.raises(LossrateError, match="no loss"):
        setter.set(0.1, "both")


def test_the_original_s_way_asks_a_person() -> None:
    asked: list[str] = []

    def answer(text: str) -> str:
        asked.append(text)
        return ""

    setter = ManualLoss(answer)
    setter.clear()
    setter.set(0.2, "server-to-client")
    setter.clear()
    setter.clear()
    assert [text.split(",")[0] for text in asked] == [
        "Set the loss server-to-client to 20.00 %",
        "Take the loss away",
    ]


@pytest.mark.parametrize("name", ["netem", "nft"])
def test_dropping_needs_a_drop_point(name: str) -> None:
    with pytest.raises(LossrateError, match="--server-port"):
        choose_setter(name, None)


class Tc:
    """Stands for `tc` on a kernel with netem; this machine may have none."""

    def __init__(self, qdiscs: str) -> None:
        self.qdiscs = qdiscs
        self.commands: list[str] = []

    def __call__(self, command: list[str], *, text: str = "", at: tuple[str, ...] = ()) -> str:
        assert text == ""
        assert at == AT
        self.commands.append(" ".join(command))
        return self.qdiscs if "show" in command else ""


NETEM = '{"kind":"netem","handle":"a3a3:","parent":"1:1","bytes":7000,"packets":70,"drops":30}'
TBF = '{"kind":"tbf","handle":"1:","root":true,"bytes":0,"packets":0,"drops":0}'
NOQUEUE = '{"kind":"noqueue","handle":"0:","root":true,"bytes":0,"packets":0,"drops":0}'
OTHER = '{"kind":"htb","handle":"1:","root":true,"bytes":0,"packets":0,"drops":0}'


PLAIN = '{"kind":"pfifo","handle":"8001:","parent":"1:1","bytes":0,"packets":0,"drops":0}'
DELAY = '{"kind":"netem","handle":"8001:","parent":"1:1","bytes":0,"packets":0,"drops":0}'


@pytest.mark.parametrize(
    ("qdiscs", "place"), [(TBF, "parent 1:1"), (f"{TBF},{PLAIN}", "parent 1:1"), (NOQUEUE, "root")]
)
def test_netem_stands_where_packets_leave(monkeypatch: pytest.MonkeyPatch, qdiscs: str, place: str) -> None:
    tc = Tc(f"[{qdiscs}]")
    monkeypatch.setattr("lossrate.loss.netem.run", tc)
    NetemLoss(DropPoint(AT, "to-server", "to-client")).set(0.2, "server-to-client")
    [added] = [command for command in tc.commands if "replace" in command]
    assert added == f"tc qdisc replace dev to-client {place} handle a3a3: netem limit 10000 loss random 20.0000%"


def test_netem_counts_what_it_drops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lossrate.loss.netem.run", Tc(f"[{TBF},{NETEM}]"))
    # As both devices have one.
    assert NetemLoss(DropPoint(AT, "to-server", "to-client")).counts() == LossCounts(200, 60, 14_000)


@pytest.mark.parametrize(("qdiscs", "kind"), [(OTHER, "htb"), (f"{TBF},{DELAY}", "netem")])
def test_netem_leaves_a_discipline_of_somebody_else(monkeypatch: pytest.MonkeyPatch, qdiscs: str, kind: str) -> None:
    monkeypatch.setattr("lossrate.loss.netem.run", Tc(f"[{qdiscs}]"))
    with pytest.raises(LossrateError, match=f"somebody else: {kind}"):
        NetemLoss(DropPoint(AT, "to-server", "to-client")).set(0.2, "both")


@pytest.fixture
def bridge() -> Iterator[DropPoint]:
    """A bridge between two namespaces, which send to each other."""
    ends = {"server": "10.78.0.1", "client": "10.78.0.2"}
    # Of a test that was killed.
    network.remove(NAMESPACE)
    run(["ip", "netns", "add", NAMESPACE])
    try:
        run(["ip", "-n", NAMESPACE, "link", "add", "name", "br", "type", "bridge"])
        run(["ip", "-n", NAMESPACE, "link", "set", "dev", "br", "up"])
        for name, address in ends.items():
            peer = f"{NAMESPACE}-{name}"
            run(["ip", "netns", "add", peer])
            pair = ["type", "veth", "peer", "name", "eth0", "netns", peer]
            run(["ip", "-n", NAMESPACE, "link", "add", "name", f"to-{name}", *pair])
            run(["ip", "-n", NAMESPACE, "link", "set", "dev", f"to-{name}", "up", "master", "br"])
            run(["ip", "-n", peer, "addr", "add", f"{address}/24", "dev", "eth0"])
            run(["ip", "-n", peer, "link", "set", "dev", "eth0", "up"])
        yield DropPoint(AT, "to-server", "to-client")
    finally:
        network.remove(NAMESPACE)


def send(end: str, address: str, packets: int) -> None:
    script = (
        "import socket, time\n"
        "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        f"for number in range({packets}):\n"
        f"    s.sendto(b'x', ('{address}', 9))\n"
        # The kernel drops what comes faster than a busy machine carries it on.
        "    if number % 50 == 0: time.sleep(0.001)\n"
    )
    run(["/usr/bin/python3", "-c", script], at=("ip", "netns", "exec", f"{NAMESPACE}-{end}"))


def settled(setter: NftLoss, packets: int) -> LossCounts:
    """What was counted, when all has come."""
    for _ in range(100):
        counts = setter.counts()
        if counts.packets >= packets:
            break
        time.sleep(0.02)
    return counts


@pytest.mark.skipif(not IS_ROOT, reason="namespaces need root")
@pytest.mark.parametrize(
    ("direction", "counted"), [("server-to-client", (1, 0)), ("client-to-server", (0, 1)), ("both", (1, 1))]
)
def test_nft_drops_in_the_direction_that_is_asked_for(
    bridge: DropPoint, direction: Direction, counted: tuple[int, int]
) -> None:
    setter = NftLoss(bridge)
    setter.set(0.3, direction)
    packets = 3000
    send("server", "10.78.0.2", packets)
    only_server = settled(setter, packets * counted[0]).packets
    send("client", "10.78.0.1", packets)
    counts = settled(setter, packets * sum(counted))
    # Some of ICMP ("port unreachable") come back, from each that gets a datagram.
    assert packets * sum(counted) <= counts.packets < packets * sum(counted) * 1.2
    assert (only_server >= packets) == bool(counted[0])
    assert abs(counts.share - 0.3) < 5 * counts.standard_error(0.3)
    setter.set(0, direction)
    send("server", "10.78.0.2", packets)
    assert setter.counts().dropped == 0


@pytest.mark.skipif(not IS_ROOT, reason="namespaces need root")
def test_a_link_with_a_rate_limit_works_when_netem_is_gone(bridge: DropPoint) -> None:
    def tc(*words: str) -> str:
        return run(["tc", "qdisc", *words], at=bridge.at)

    tc("add", "dev", "to-client", "root", "handle", "1:", "tbf", "rate", "100mbit", "burst", "16kb", "latency", "200ms")
    # Stands for netem, which this kernel may lack.
    tc("add", "dev", "to-client", "parent", "1:1", "handle", HANDLE, "bfifo", "limit", "10000")
    NetemLoss(bridge).clear()
    assert HANDLE not in tc("show", "dev", "to-client")
    setter = NftLoss(bridge)
    setter.set(0, "client-to-server")
    # What came is answered: "port unreachable".
    send("server", "10.78.0.2", 1)
    assert settled(setter, 1).packets == 1


@pytest.mark.skipif(not IS_ROOT, reason="namespaces need root")
def test_nft_leaves_nothing_behind(bridge: DropPoint) -> None:
    setter = NftLoss(bridge)
    setter.clear()
    setter.set(0.5, "both")
    assert TABLE in run(["nft", "list", "tables"], at=bridge.at)
    setter.clear()
    setter.clear()
    assert run(["nft", "list", "tables"], at=bridge.at) == ""


@pytest.mark.skipif(not IS_ROOT, reason="namespaces need root")
def test_auto_takes_netem_where_the_kernel_has_it(bridge: DropPoint) -> None:
    modules = Path(f"/lib/modules/{os.uname().release}")
    # Where the kernel brings no modules it has it built in, or not at all.
    is_module = any(modules.rglob("sch_netem.ko*"))
    try:
        run(["tc", "qdisc", "add", "dev", "br", "root", "netem", "loss", "1%"], at=bridge.at)
    except LossrateError:
        is_there = is_module
    else:
        is_there = True
    assert has_netem(bridge.at) is is_there
    assert choose_setter("auto", bridge).name == ("netem" if is_there else "nft")
    assert "argus-probe" not in run(["ip", "link"], at=bridge.at)


def test_says_what_failed_and_why() -> None:
    with pytest.raises(LossrateError, match=re.escape("sh -c echo no >&2; false: no")):
        run(["sh", "-c", "echo no >&2; false"])
    with pytest.raises(LossrateError, match="no-such-program"):
        run(["no-such-program"])


def test_names_the_packages_of_programs_that_are_missing() -> None:
    with pytest.raises(LossrateError, match=r"apt-get install nothing$"):
        commands.require({"no-such-program": "nothing", "sh": "dash"})
