"""The cyclic garbage collector as a hub process runs it.

A compiled site is some hundred thousand objects that never become garbage while it is in force. Left to itself, the
collector walks over them again and again: measured, a tenth of the hub's CPU, in pauses of 70 ms. So it rests while the
process starts, and what lives then is set aside (``gc.freeze``); young garbage goes as ever, in larger helpings.
"""

from __future__ import annotations

import gc

# Objects that came and stayed before the youngest are looked at: some 50 messages' worth, about 2 MB.
YOUNG = 5_000
MIDDLE = 20
OLD = 20


def rest() -> None:
    """Collect nothing until ``settle``; for the start of a process, which makes nearly nothing but what stays."""
    gc.disable()


def settle() -> None:
    """Collect everything once and set aside what lives now; again after a reload, so that the old site goes."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
    gc.enable()
