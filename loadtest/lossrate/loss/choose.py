"""The setter that is asked for, or the best one that a drop point has."""

import contextlib

from lossrate.commands import run
from lossrate.errors import LossrateError
from lossrate.loss.netem import NetemLoss
from lossrate.loss.nft import NftLoss
from lossrate.loss.others import ManualLoss, NoLoss
from lossrate.loss.setter import DropPoint, LossSetter

SETTERS = ("auto", "netem", "nft", "manual", "none")


def choose_setter(name: str, point: DropPoint | None) -> LossSetter:
    """Make a setter.

    :param name: one of `SETTERS`; `auto` is netem where the kernel of the drop point has it, and else nft
    :raises LossrateError: where it needs a drop point and there is none
    """
    if name == "manual":
        return ManualLoss()
    if name == "none" or (name == "auto" and point is None):
        return NoLoss()
    if point is None:
        raise LossrateError(f"--setter {name} needs --server-port and --client-port, the devices of the drop point")
    if name == "netem" or (name == "auto" and has_netem(point.at)):
        return NetemLoss(point)
    return NftLoss(point)


def has_netem(at: tuple[str, ...] = ()) -> bool:
    """Whether the kernel there has netem, tried on a device of its own."""
    device = "argus-probe"
    with contextlib.suppress(LossrateError):
        # Of a look that was killed.
        run(["ip", "link", "del", "dev", device], at=at)
    run(["ip", "link", "add", "name", device, "type", "bridge"], at=at)
    try:
        run(["tc", "qdisc", "add", "dev", device, "root", "netem", "loss", "1%"], at=at)
    except LossrateError as error:
        if "unknown" in str(error) or "not found" in str(error):
            return False
        raise
    else:
        return True
    finally:
        run(["ip", "link", "del", "dev", device], at=at)
