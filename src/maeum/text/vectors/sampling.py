"""What Word2Vec draws, and the tree that spares it drawing."""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np


def keep_probabilities(counts: np.ndarray, sample: float) -> np.ndarray:
    """Return the probability that an occurrence of each word stays in its sentence.

    ``(sqrt(f / t) + 1) t / f``, at most 1, for a word that is the fraction f of the text (as in
    the authors' program; Mikolov et al., 2013, print ``sqrt(t / f)``). Frequent words carry little
    information.

    Args:
        counts: how often each word occurs.
        sample: t, a fraction of the text; 0 keeps everything.

    >>> keep_probabilities(np.array([900, 99, 1]), 0.01).round(3).tolist()
    [0.117, 0.419, 1.0]
    """
    if not sample:
        return np.ones(len(counts))
    relative = np.maximum(counts, 1) / (sample * counts.sum())
    return np.minimum((np.sqrt(relative) + 1) / relative, 1)


def alias_table(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Make a table that draws i in proportion to ``weights[i]`` with one lookup (Vose, 1991).

    Draw a place, and 32 random bits: the answer is the place itself if the bits are below its
    threshold, and its alias if not.

    Returns:
        The thresholds, uint32, and the aliases, int32.

    >>> threshold, alias = alias_table(np.array([3.0, 1.0]))
    >>> (threshold / 2**32).round(3).tolist(), alias.tolist()
    ([1.0, 0.5], [0, 0])
    """
    scaled = (weights * (len(weights) / weights.sum())).tolist()
    alias = list(range(len(scaled)))
    small = [i for i, s in enumerate(scaled) if s < 1]
    large = [i for i, s in enumerate(scaled) if s >= 1]
    while small and large:
        less, more = small.pop(), large[-1]
        alias[less] = more
        scaled[more] -= 1 - scaled[less]
        if scaled[more] < 1:
            small.append(large.pop())
    for i in small + large:  # 1, but for the rounding
        scaled[i] = 1.0
    threshold = np.minimum(np.array(scaled) * 2.0**32, 2.0**32 - 1)
    return threshold.astype(np.uint32), np.array(alias, np.int32)


@dataclass(frozen=True)
class Paths:
    """The paths from the root of a binary tree to each word.

    Attributes:
        starts: word w's path is ``nodes[starts[w]:starts[w + 1]]``; int64.
        nodes: the inner nodes on it, the root first; int32.
        labels: 1 where it goes on to the left, 0 to the right; float32.
    """

    starts: np.ndarray
    nodes: np.ndarray
    labels: np.ndarray


def huffman_paths(counts: np.ndarray) -> Paths:
    """Make the tree in which frequent words have short paths (Huffman, 1952).

    >>> paths = huffman_paths(np.array([5, 2, 2]))
    >>> np.diff(paths.starts).tolist()
    [1, 2, 2]
    """
    size = len(counts)
    heap = [(int(count), i) for i, count in enumerate(counts)]
    heapq.heapify(heap)
    parent, label = [0] * (2 * size - 1), [0.0] * (2 * size - 1)
    for inner in range(size, 2 * size - 1):
        first_count, first = heapq.heappop(heap)
        second_count, second = heapq.heappop(heap)
        parent[first] = parent[second] = inner
        label[first] = 1.0
        heapq.heappush(heap, (first_count + second_count, inner))
    root, starts = 2 * size - 2, [0]
    nodes: list[int] = []
    labels: list[float] = []
    for word in range(size):
        place, path = word, []
        while place != root:
            path.append((parent[place] - size, label[place]))
            place = parent[place]
        nodes += [node for node, _ in reversed(path)]
        labels += [side for _, side in reversed(path)]
        starts.append(len(nodes))
    return Paths(np.array(starts), np.array(nodes, np.int32), np.array(labels, np.float32))
