"""One epoch of Word2Vec or FastText: in native code, or batch by batch in NumPy.

The native code runs on as many threads as the user asks for: training word vectors is not an
operation inside an XLA program, so it does not use XLA's threads. The threads write to the same
vectors without locks (Hogwild!: Niu et al., 2011), so with several threads two runs differ
slightly.
"""

from __future__ import annotations

import ctypes
import functools
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from maeum import native
from maeum.core.messages import _
from maeum.text.vectors.plain import plain_epoch
from maeum.text.vectors.problem import Outcome, Problem

CHUNK = 2_000
"""Words that a thread takes at a time; the learning rate falls from chunk to chunk."""


def padded(rows: int, size: int, value: float = 0.0) -> np.ndarray:
    """Return a matrix ``(rows, size)`` of one value; each row begins at a multiple of 64 bytes.

    It is a view of a matrix of whole vectors of 16 floats, which training leaves as they are.
    """
    stride = -(-size // 16) * 16
    memory = np.full(rows * stride + 16, value, np.float32)
    first = -memory.ctypes.data // 4 % 16
    return memory[first : first + rows * stride].reshape(rows, stride)[:, :size]


def chunks_of(sentences: np.ndarray) -> np.ndarray:
    """Return the first sentence of each chunk of about `CHUNK` words, and the end of the last."""
    marks = np.arange(0, sentences[-1], CHUNK)
    return np.unique(np.append(np.searchsorted(sentences, marks), len(sentences) - 1))


def run_epoch(
    problem: Problem,
    words: np.ndarray,
    sentences: np.ndarray,
    alpha: tuple[float, float],
    seed: int,
    workers: int,
    want_loss: bool,
) -> Outcome:
    """Go through the corpus once.

    Args:
        problem: what is trained.
        words: numbers, int32.
        sentences: where each sentence begins, and the end of the last; int64.
        alpha: the learning rate at the beginning and the end; it falls linearly.
        seed: of this epoch.
        workers: threads; one makes the result a function of the seed.
        want_loss: whether the loss is added up.
    """
    chunks = chunks_of(sentences)
    progress = sentences[chunks[:-1]] / sentences[-1]
    alphas = (alpha[0] + (alpha[1] - alpha[0]) * progress).astype(np.float32)
    library = native.library()
    if library is None:
        warn_of_numpy()
        return plain_epoch(problem, words, sentences, chunks, alphas, seed)
    arrays = _addresses(problem, words, sentences, chunks, alphas)
    following = np.zeros(1, np.int64)
    task = _Task(
        **{name: array.ctypes.data for name, array in arrays.items()},
        chunk_count=len(alphas),
        next=following.ctypes.data,
        vocabulary=len(problem.keep),
        stride=problem.input.strides[0] // 4,
        window=problem.window,
        negative=problem.negative,
        skip_gram=problem.skip_gram,
        mean=problem.mean,
        shrink=problem.shrink,
        want_loss=want_loss,
        seed=seed % 2**64,
    )
    tasks = [_Task.from_buffer_copy(task) for _i in range(workers)]
    share_work(library.MaeumWordVectors, tasks, following)
    return Outcome(
        sum(task.loss for task in tasks),
        sum(task.predictions for task in tasks),
        sum(task.words_used for task in tasks),
    )


def share_work(function: Callable, tasks: list, following: np.ndarray) -> None:
    """Call ``function`` with each task, in threads that take pieces until none is left.

    An interruption lets them finish the piece that they have.
    """
    with ThreadPoolExecutor(len(tasks)) as pool:
        try:
            for future in [pool.submit(function, ctypes.byref(task)) for task in tasks]:
                future.result()
        except BaseException:
            following[0] = 2**62
            raise


def _addresses(problem: Problem, words: Any, sentences: Any, chunks: Any, alphas: Any) -> dict:
    arrays = {
        "words": (words, np.int32),
        "sentences": (sentences, np.int64),
        "chunks": (chunks, np.int64),
        "alphas": (alphas, np.float32),
        "keep": (np.rint(problem.keep * 2.0**32), np.uint64),
        "threshold": (problem.threshold, np.uint32),
        "alias": (problem.alias, np.int32),
    }
    if problem.paths is not None:
        arrays["path_starts"] = (problem.paths.starts, np.int64)
        arrays["path_nodes"] = (problem.paths.nodes, np.int32)
        arrays["path_labels"] = (problem.paths.labels, np.float32)
    if problem.rows is not None:
        arrays["row_starts"] = (problem.rows.starts, np.int64)
        arrays["rows"] = (problem.rows.rows, np.int32)
    ready = {name: np.ascontiguousarray(array, dtype) for name, (array, dtype) in arrays.items()}
    return ready | problem.matrices()


class _Task(ctypes.Structure):  # MaeumWordVectorsTask in native/src/word_vectors.cc
    _fields_ = [
        *((name, ctypes.c_void_p) for name in ("words", "sentences", "chunks", "alphas")),
        ("chunk_count", ctypes.c_int64),
        ("next", ctypes.c_void_p),
        ("vocabulary", ctypes.c_int64),
        *((name, ctypes.c_void_p) for name in ("keep", "threshold", "alias")),
        *((name, ctypes.c_void_p) for name in ("path_starts", "path_nodes", "path_labels")),
        *((name, ctypes.c_void_p) for name in ("row_starts", "rows")),
        *((name, ctypes.c_void_p) for name in ("input", "negative_output", "path_output")),
        ("stride", ctypes.c_int64),
        *((name, ctypes.c_int64) for name in ("window", "negative", "skip_gram")),
        *((name, ctypes.c_int64) for name in ("mean", "shrink", "want_loss")),
        ("seed", ctypes.c_uint64),
        ("loss", ctypes.c_double),
        *((name, ctypes.c_int64) for name in ("predictions", "words_used")),
    ]


@functools.cache
def warn_of_numpy() -> None:
    """Say once that the native kernels are missing."""
    warnings.warn(
        _("Word vectors are trained with NumPy, many times slower than with the native kernels: "
          "{reason}.", reason=native.status().reason), stacklevel=5
    )  # fmt: skip
