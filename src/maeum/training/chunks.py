"""What a source hands to the program: rows on the device, and the order in which to take them."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

import jax


@jax.tree_util.register_dataclass
@dataclass
class Chunk:
    """Rows on the device and the steps to take over them.

    Attributes:
        data: ``(x, y, sample_weight)``, structures of arrays or None.
        order: the rows in the order of the steps, int32.
        batch_size: the rows of one step.
        steps: how many steps there are.
        first: how many batches the source gave before these, since it began.
    """

    data: tuple
    order: Any
    batch_size: int = field(metadata={"static": True})
    steps: int = field(metadata={"static": True})
    first: int = field(default=0, metadata={"static": True})


Chunks = Generator[Chunk, None, None]


def steps_of_epoch(available: int, steps: int, epoch: int) -> range:
    """Return which of the ``available`` steps an epoch takes that has fewer of its own.

    Epochs go on where the one before stopped, until all steps were taken; then they start over.

    >>> [list(steps_of_epoch(5, 2, epoch)) for epoch in range(4)]
    [[0, 1], [2, 3], [4], [0, 1]]
    """
    first = epoch % -(-available // steps) * steps
    return range(first, min(first + steps, available))
