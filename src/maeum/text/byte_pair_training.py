"""How byte pairs are learnt: the counts of pairs are updated, never recounted."""

from __future__ import annotations

import heapq
import itertools
from collections import defaultdict
from collections.abc import Mapping, Sequence


def learn_merges(
    counts: Mapping[str, int], alphabet: Sequence[str], most: int, min_count: int = 2
) -> list[tuple[str, str]]:
    """Return the merges for words and how often they are there, the most frequent pair first.

    Among pairs that are equally frequent, the one whose tokens are older goes first. A merge
    touches only the words that have the pair.

    Args:
        counts: the words, and how often each is there.
        alphabet: the characters of all words, in the order of their numbers.
        most: how many new tokens there may be.
        min_count: how often a pair has to be there.

    Example:
        >>> learn_merges({"hug": 10, "pug": 5, "pun": 12}, "ghnpu", 2)
        [('p', 'u'), ('pu', 'n')]
    """
    texts = list(alphabet)
    number_of = {token: number for number, token in enumerate(texts)}
    words = [[number_of[character] for character in word] for word in counts]
    weights = list(counts.values())
    totals: dict[tuple[int, int], int] = defaultdict(int)
    places: dict[tuple[int, int], set[int]] = defaultdict(set)
    for i, (word, weight) in enumerate(zip(words, weights)):
        for pair in itertools.pairwise(word):
            totals[pair] += weight
            places[pair].add(i)
    # The counts in the heap are as of when they were pushed: never too low, for a pair whose
    # count rose was pushed again.
    heap = [(-total, pair) for pair, total in totals.items()]
    heapq.heapify(heap)
    merges: list[tuple[str, str]] = []
    limit = len(texts) + most
    while heap and len(texts) < limit:
        negative, pair = heapq.heappop(heap)
        total = totals[pair]
        if total != -negative:
            if 0 < total < -negative:
                heapq.heappush(heap, (-total, pair))
            continue
        if total < max(min_count, 1):
            break
        token = texts[pair[0]] + texts[pair[1]]
        new = number_of.setdefault(token, len(texts))
        if new == len(texts):
            texts.append(token)
        merges.append((texts[pair[0]], texts[pair[1]]))
        risen = _merge(pair, new, places.pop(pair), words, weights, totals, places)
        totals[pair] = 0
        for other in risen:
            heapq.heappush(heap, (-totals[other], other))
    return merges


def _merge(
    pair: tuple[int, int],
    new: int,
    where: set[int],
    words: list[list[int]],
    weights: list[int],
    totals: dict[tuple[int, int], int],
    places: dict[tuple[int, int], set[int]],
) -> set[tuple[int, int]]:
    """Merge a pair in the words that have it; return the pairs whose counts rose."""
    left, right = pair
    risen: set[tuple[int, int]] = set()
    for i in where:
        word, weight = words[i], weights[i]
        merged: list[int] = []
        at, end = 0, len(word)
        while at < end:
            if at + 1 < end and word[at] == left and word[at + 1] == right:
                if merged:
                    totals[merged[-1], left] -= weight
                    before = (merged[-1], new)
                    totals[before] += weight
                    places[before].add(i)
                    risen.add(before)
                if at + 2 < end:
                    totals[right, word[at + 2]] -= weight
                    behind = (new, word[at + 2])
                    totals[behind] += weight
                    places[behind].add(i)
                    risen.add(behind)
                merged.append(new)
                at += 2
            else:
                merged.append(word[at])
                at += 1
        words[i] = merged
    return risen
