"""Queues of files, readers and batches, as pipelines of TensorFlow 1 consist of them.

Nothing runs beside the script: what a batch needs is read when the batch is.
"""

from __future__ import annotations

import csv
import glob
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from maeum.compat.graph.errors import InvalidArgumentError, NotFoundError, OutOfRangeError
from maeum.compat.graph.graph import Operation, Tensor, get_default_graph
from maeum.compat.graph.kinds import Evaluation, Source, ancestors
from maeum.compat.graph.types import STRING, TensorShape, as_dtype
from maeum.compat.ops.convert import convert_to_tensor
from maeum.compat.ops.recording import as_numpy
from maeum.core.randomness import generator, next_seed

__all__ = [
    "TFRecordReader", "TextLineReader", "WholeFileReader", "batch", "batch_join", "decode_csv",
    "input_producer", "match_filenames_once", "read_file", "shuffle_batch",
    "slice_input_producer", "string_input_producer",
]  # fmt: skip


@dataclass(frozen=True, eq=False)
class Host:
    """An operation of the host that keeps something in a session.

    Args:
        name: its name.
        begin: makes what it keeps, for its inputs.
        step: takes that and the inputs, and returns the outputs.
    """

    name: str
    begin: Callable[..., Any]
    step: Callable[..., list]

    host, random, static, shape_only, writes = True, False, (), False, ()

    def evaluate(self, operation: Operation, run: Evaluation) -> list:
        """Compute the outputs, from where it was."""
        kept = run.session.resources  # type: ignore[attr-defined]
        args = run.filled(operation, operation.args)
        if operation not in kept:
            kept[operation] = self.begin(*args)
        return self.step(kept[operation], *args)


def _host(name: str, begin: Callable, step: Callable, args: tuple, outputs: list) -> list:
    return get_default_graph().add(Host(name, begin, step), args, {}, outputs, name).outputs


# ---- queues --------------------------------------------------------------------------------------


class Queue:
    """Entries that are handed out one after the other, epoch after epoch.

    Args:
        entries: a tensor of all entries.
        epochs: how often all are handed out; without end by default.
        shuffle: whether in another order in each epoch.
        seed: the seed of the orders.
    """

    def __init__(self, entries: Tensor, epochs: int | None, shuffle: bool, seed: int | None):
        self.entries, self.name = entries, "queue"

        def order(values: Any) -> Iterator[Any]:
            own, epoch = next_seed() if seed is None else seed, 0
            while epochs is None or epoch < epochs:
                places = np.arange(len(values))
                if shuffle:
                    places = generator(own, "queue", epoch).permutation(places)
                yield from (values[place] for place in places)
                epoch += 1

        def step(left: Iterator[Any], values: Any) -> list:
            for value in left:
                return [value]
            raise OutOfRangeError("The queue has come to its end: all {n} entries were handed out "
                                  "{epochs} times.", n=len(values), epochs=epochs)  # fmt: skip

        shape = TensorShape(None if entries.shape.unknown else tuple(entries.shape)[1:])
        self.kind = Host("QueueDequeue", order, step)
        self._like = shape, entries.dtype

    def dequeue(self, name: str | None = None) -> Tensor:
        """Return the next entry, another one in each run."""
        output = Tensor(*self._like)
        return get_default_graph().add(self.kind, (self.entries,), {}, [output],
                                       name or "dequeue").outputs[0]  # fmt: skip


def input_producer(
    input_tensor: Any, element_shape: Any = None, num_epochs: int | None = None,
    shuffle: bool = True, seed: int | None = None, capacity: int = 32, shared_name: Any = None,
    summary_name: Any = None, name: str | None = None, cancel_op: Any = None,
) -> Queue:  # fmt: skip
    """Return a queue of the rows of a tensor."""
    return Queue(convert_to_tensor(input_tensor), num_epochs, shuffle, seed)


def string_input_producer(
    string_tensor: Any, num_epochs: int | None = None, shuffle: bool = True,
    seed: int | None = None, capacity: int = 32, shared_name: Any = None, name: str | None = None,
    cancel_op: Any = None,
) -> Queue:  # fmt: skip
    """Return a queue of texts, such as the names of files."""
    if not isinstance(string_tensor, Tensor) and not len(string_tensor):
        raise InvalidArgumentError("string_input_producer needs at least one name of a file.")
    return Queue(convert_to_tensor(string_tensor), num_epochs, shuffle, seed)


def slice_input_producer(
    tensor_list: Any, num_epochs: int | None = None, shuffle: bool = True,
    seed: int | None = None, capacity: int = 32, shared_name: Any = None, name: Any = None,
) -> list:  # fmt: skip
    """Return the same row of several tensors, another one in each run."""
    from maeum.compat.ops.places import gather

    tensors = [convert_to_tensor(one) for one in tensor_list]
    rows = convert_to_tensor(np.arange(tensors[0].shape[0], dtype=np.int32))
    place = Queue(rows, num_epochs, shuffle, seed).dequeue()
    return [gather(one, place) for one in tensors]


def match_filenames_once(pattern: Any, name: str | None = None) -> Tensor:
    """Return the names of the files that match a pattern."""
    return convert_to_tensor(sorted(glob.glob(pattern)), name=name)


# ---- readers -------------------------------------------------------------------------------------


class _Reader:
    """Reads records of files whose names a queue hands out."""

    def __init__(self, records: Callable[[str], Iterator[tuple[bytes, Any]]]):
        self._records = records

    def read(self, queue: Queue, name: str | None = None) -> tuple[Tensor, Tensor]:
        """Return the key and the value of the next record."""
        names = queue.dequeue().node

        def begin(entries: Any) -> list:
            return [names.operation.begin(entries), iter(())]

        def step(state: list, entries: Any) -> list:
            while True:
                for key, value in state[1]:
                    return [key, value]
                file = names.operation.step(state[0], entries)[0]
                state[1] = self._records(file.decode() if isinstance(file, bytes) else str(file))

        outputs = [Tensor((), STRING), Tensor((), STRING)]
        key, value = _host("ReaderRead", begin, step, (queue.entries,), outputs)
        return key, value


def TextLineReader(skip_header_lines: int = 0, name: str | None = None) -> _Reader:
    """Return what reads files line by line."""

    def records(file: str) -> Iterator[tuple[bytes, Any]]:
        for number, line in enumerate(_content(file).splitlines()):
            if number >= (skip_header_lines or 0):
                yield f"{file}:{number + 1}".encode(), line

    return _Reader(records)


def WholeFileReader(name: str | None = None) -> _Reader:
    """Return what reads whole files."""
    return _Reader(lambda file: iter([(file.encode(), _content(file))]))


def TFRecordReader(name: str | None = None, options: Any = None) -> _Reader:
    """Return what reads the records of TFRecord files."""
    from maeum.core.event_files import read_records

    return _Reader(lambda file: ((file.encode(), record) for record in read_records(file)))


def _content(file: str) -> bytes:
    try:
        with open(file, "rb") as opened:
            return opened.read()
    except OSError as error:
        raise NotFoundError("{file}: {reason}", file=file, reason=error.strerror) from None


def read_file(filename: Any, name: str | None = None) -> Any:
    """Return the content of a file."""
    file = convert_to_tensor(filename)
    return _host("ReadFile", lambda name: None,
                 lambda _kept, name: [_content(np.asarray(name, object).item().decode())], (file,),
                 [Tensor((), STRING)])[0]  # fmt: skip


def decode_csv(
    records: Any, record_defaults: Any, field_delim: str = ",", use_quote_delim: bool = True,
    name: str | None = None, na_value: str = "", select_cols: Any = None,
) -> list[Tensor]:  # fmt: skip
    """Return the cells of lines, as the types of the defaults.

    Args:
        records: lines.
        record_defaults: for each cell a list with the value of an empty one, or of nothing; its
            type is that of the cell.
        field_delim: what stands between the cells.
        use_quote_delim: whether cells may stand in quotes.
        name: a name.
        na_value: another mark of an empty cell.
        select_cols: which cells are wanted.
    """
    defaults = [as_numpy(one) for one in record_defaults]
    types = [as_dtype(one.dtype) for one in defaults]
    quoting: Any = csv.QUOTE_MINIMAL if use_quote_delim else csv.QUOTE_NONE

    def cells(line: bytes) -> list:
        found = next(csv.reader(io.StringIO(line.decode()), delimiter=field_delim, quoting=quoting))
        found = [found[place] for place in select_cols] if select_cols is not None else found
        if len(found) != len(defaults):
            raise InvalidArgumentError("Expect {n} fields but have {m} in a record: {line}",
                                       n=len(defaults), m=len(found),
                                       line=line.decode())  # fmt: skip
        return [_cell(*one) for one in zip(found, defaults, types)]

    def _cell(text: str, default: Any, dtype: Any) -> Any:
        if text.strip() in ("", na_value) and dtype != STRING:
            if not default.size:
                raise InvalidArgumentError("A cell is empty, and its column has no default.")
            return default.ravel()[0]
        try:
            return text.encode() if dtype == STRING else dtype.dtype.type(text)
        except ValueError:
            raise InvalidArgumentError("{text!r} is not of the type {dtype}.", text=text,
                                       dtype=dtype.name) from None  # fmt: skip

    def step(_kept: Any, lines: Any) -> list:
        given = np.asarray(lines, object)
        if given.ndim == 0:
            return cells(given.item())
        return [np.asarray(column, t.dtype) for column, t in zip(zip(*map(cells, given)), types)]

    given = convert_to_tensor(records)
    outputs = [Tensor(given.shape, dtype) for dtype in types]
    return _host("DecodeCSV", lambda lines: None, step, (given,), outputs)


# ---- batches -------------------------------------------------------------------------------------


def batch(
    tensors: Any, batch_size: int, num_threads: int = 1, capacity: int = 32,
    enqueue_many: bool = False, shapes: Any = None, dynamic_pad: bool = False,
    allow_smaller_final_batch: bool = False, shared_name: Any = None, name: str | None = None,
) -> Any:  # fmt: skip
    """Return batches of what some tensors are, one after the other."""
    return _batched(tensors, batch_size, enqueue_many, allow_smaller_final_batch, None, 0)


def shuffle_batch(
    tensors: Any, batch_size: int, capacity: int, min_after_dequeue: int, num_threads: int = 1,
    seed: int | None = None, enqueue_many: bool = False, shapes: Any = None,
    allow_smaller_final_batch: bool = False, shared_name: Any = None, name: str | None = None,
) -> Any:  # fmt: skip
    """Return batches of what some tensors are, drawn from those that wait."""
    own = next_seed() if seed is None else seed
    return _batched(tensors, batch_size, enqueue_many, allow_smaller_final_batch, own,
                    min_after_dequeue)  # fmt: skip


def batch_join(tensors_list: Any, batch_size: int, **options: Any) -> Any:
    """Return batches of the first of several pipelines, which are alike."""
    return batch(tensors_list[0], batch_size, **options)


def _batched(
    tensors: Any, size: int, many: bool, smaller: bool, seed: int | None, waiting: int
) -> Any:
    single = not isinstance(tensors, (list, tuple, dict))
    names = list(tensors) if isinstance(tensors, dict) else None
    given = [tensors] if single else list(tensors.values() if names else tensors)
    parts = [convert_to_tensor(one) for one in given]
    size = int(size)
    pipeline = [op for op in ancestors([t.node for t in parts], lambda t: False)
                if not isinstance(op.operation, Source)]  # fmt: skip

    def rows(session: Any) -> Iterator[list]:
        while True:
            run = Evaluation({}, {v: np.asarray(x) for v, x in session.state.items()}, {},
                             session.seed, session.count_run())  # fmt: skip
            run.session = session  # type: ignore[attr-defined]
            run.run(pipeline)
            values = [np.asarray(run.of(t)) for t in parts]
            yield from zip(*values) if many else [values]  # type: ignore[misc]

    kind = _Batches(rows, size, smaller, seed, waiting)
    first = None if smaller else size
    outputs = [
        Tensor(None if t.shape.unknown else (first, *tuple(t.shape)[many:]), t.dtype) for t in parts
    ]
    made = get_default_graph().add(kind, (), {}, outputs, "batch").outputs
    if names:
        return dict(zip(names, made))
    return made[0] if single else list(made)


@dataclass(frozen=True, eq=False)
class _Batches:
    rows: Callable[[Any], Iterator[list]]
    size: int
    smaller: bool
    seed: int | None
    waiting: int
    name: str = "QueueDequeueMany"

    host, random, static, shape_only, writes = True, False, (), False, ()

    def evaluate(self, operation: Operation, run: Evaluation) -> list:
        """Return the next rows, stacked."""
        session = run.session  # type: ignore[attr-defined]
        if operation not in session.resources:
            left = self.rows(session)
            session.resources[operation] = left if self.seed is None else self._drawn(left)
        found = []
        try:
            for row in session.resources[operation]:
                found.append(row)
                if len(found) == self.size:
                    break
        except OutOfRangeError:
            if not (self.smaller and found):
                raise
        if not found:
            raise OutOfRangeError("The batches have come to their end.")
        return [np.stack(column) for column in zip(*found)]

    def _drawn(self, rows: Iterator[list]) -> Iterator[list]:
        random, pool = generator(self.seed or 0, "batches"), []
        try:
            for row in rows:
                pool.append(row)
                if len(pool) > self.waiting:
                    yield pool.pop(int(random.integers(len(pool))))
        except OutOfRangeError:
            while pool:
                yield pool.pop(int(random.integers(len(pool))))
            raise
