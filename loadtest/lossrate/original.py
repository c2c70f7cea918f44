"""What the student project measured that this one grew from: 100 photos of 110 KB a row, one after the other.

One connection, 3 s until an upload is given up, 5 s of pause after a failure; every photo in a Python process of its
own, 3.2 s each.
"""

RATES = (0.0, 0.067, 0.133, 0.2, 0.267, 0.333, 0.4, 0.467, 0.533, 0.6)
"""Rounded as it has printed them; they are linspace(0, 0.6, 10)."""

GOODPUT = (21.13, 21.06, 10.56, 10.45, 8.01, 5.59, 2.44, 1.45, 1.11, 0.41)
"""Requests a second that were answered within 3 s, by loss rate."""

EXECUTION_SECONDS = 3.2
"""Mean time from the beginning of a classification to its end."""


def goodput_at(rate: float) -> float | None:
    """What it had at this loss rate; None where it did not measure."""
    for measured, goodput in zip(RATES, GOODPUT, strict=True):
        if abs(measured - rate) < 0.001:  # noqa: PLR2004  They are rounded to three digits.
            return goodput
    return None
