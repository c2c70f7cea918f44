import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from lossrate.commands import run
from lossrate.errors import LossrateError
from lossrate.lab import folder, lab, network
from lossrate.lab.duplication import PROBE_PACKETS, LabDuplicator, measure_loss
from lossrate.lab.hosts import CLIENT, MASTER, inside, workers
from lossrate.loss.nft import NftLoss

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="namespaces need root")

DELAY_MS = 20.0

ECHO = """
import socket
s = socket.create_server(('10.77.0.1', 7), backlog=8)
print('ready', flush=True)
while True:
    peer, _ = s.accept()
    while data := peer.recv(65536):
        peer.sendall(data)
"""

ROUND_TRIPS = """
import socket, time
s = socket.create_connection(('10.77.0.1', 7))
s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
times = []
for _ in range(10):
    begin = time.monotonic()
    s.sendall(b'x')
    s.recv(1)
    times.append(time.monotonic() - begin)
print(min(times) * 1000)
"""


WAIT = """
import time
print('ready', flush=True)
time.sleep(60)
"""

OWN = f"""
import fcntl
fcntl.flock(owner := open({str(folder.OWNER)!r}, 'w'), fcntl.LOCK_EX)
{WAIT}
"""


@pytest.fixture(params=[0.0, DELAY_MS])
def delay_ms(request: pytest.FixtureRequest) -> Iterator[float]:
    delay: float = request.param
    lab.require_none()
    try:
        network.build([MASTER, CLIENT, *workers(1)], CLIENT, delay)
        yield delay
    finally:
        lab.down()
    assert network.namespaces() == []


def started(script: str, *at: str) -> "subprocess.Popen[bytes]":
    """Return when it says that it is ready."""
    process = subprocess.Popen([*at, sys.executable, "-c", script], stdout=subprocess.PIPE)
    assert process.stdout
    assert process.stdout.readline() == b"ready\n"
    return process


def python(namespace: str, script: str) -> str:
    return run([sys.executable, "-c", script], at=inside(namespace))


@pytest.fixture
def left_behind() -> Iterator[None]:
    """A network in which a process runs, which is all that is left of a lab whose processes were killed but for one."""
    lab.require_none()
    network.build([MASTER], MASTER, 0)
    process = started(WAIT, *inside(MASTER.namespace))
    try:
        yield
    finally:
        lab.down()
        process.wait()


@pytest.mark.usefixtures("left_behind")
def test_one_that_was_brought_up_to_stay_is_left_alone() -> None:
    with pytest.raises(LossrateError, match="lab down"):
        lab.require_none()
    assert network.namespaces()


@pytest.mark.usefixtures("left_behind")
def test_one_is_left_alone_as_long_as_its_process_lives() -> None:
    folder.FOLDER.mkdir(exist_ok=True)
    owner = started(OWN)
    with pytest.raises(LossrateError, match="lab down"):
        lab.require_none()
    owner.kill()
    owner.wait()
    lab.require_none()
    assert network.namespaces() == []
    assert not folder.FOLDER.exists()


def test_what_runs_no_more_is_taken_away() -> None:
    network.build([MASTER], MASTER, 0)
    lab.require_none()
    assert network.namespaces() == []


def test_cables_have_their_length_and_their_rate(delay_ms: float) -> None:
    started(ECHO, *inside(MASTER.namespace))
    milliseconds = float(python(CLIENT.namespace, ROUND_TRIPS))
    assert 2 * delay_ms <= milliseconds < 2 * delay_ms + 15
    limits = run(["tc", "qdisc", "show", "dev", "eth0"], at=inside(CLIENT.namespace))
    assert "tbf" in limits
    assert "rate 100Mbit" in limits
    offloads = run(["ethtool", "-k", "eth0"], at=inside(CLIENT.namespace))
    assert "tcp-segmentation-offload: off" in offloads


@pytest.mark.usefixtures("delay_ms")
def test_measures_the_loss_and_duplicates_as_it_demands() -> None:
    setter = NftLoss(lab.POINT)
    duplicator = LabDuplicator()
    setter.set(0.3, "server-to-client")
    assert measure_loss(setter) == pytest.approx(0.3, abs=0.08)
    # 0.3 to the fourth is 0.8 %.
    assert duplicator.start(setter) in (3, 4, 5)
    before = setter.counts()
    measure_loss(setter)
    after = setter.counts()
    assert after.packets - before.packets >= 3 * PROBE_PACKETS
    duplicator.stop()
    setter.set(0, "server-to-client")
    measure_loss(setter)
    assert PROBE_PACKETS <= setter.counts().packets < 1.1 * PROBE_PACKETS
