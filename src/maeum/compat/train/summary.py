"""``tf.summary``: what a run tells TensorBoard, and the writer of its files."""

from __future__ import annotations

import io
from typing import Any

import numpy as np

from maeum.compat.graph.graph import Graph, GraphKeys, Operation, get_default_graph
from maeum.compat.ops.recording import op
from maeum.core import event_files

__all__ = [
    "FileWriter", "FileWriterCache", "SummaryWriter", "audio", "histogram", "image", "merge",
    "merge_all", "scalar", "text",
]  # fmt: skip


@op("ScalarSummary", arrays=0, host=True)
def _scalar(tag: str, value: Any, name: Any = None) -> Any:
    return event_files.summary([event_files.scalar(tag, float(np.mean(value)))])


@op("HistogramSummary", arrays=0, host=True)
def _histogram(tag: str, values: Any, name: Any = None) -> Any:
    return event_files.summary([event_files.histogram(tag, values)])


@op("ImageSummary", arrays=0, host=True)
def _image(tag: str, tensor: Any, max_outputs: int, name: Any = None) -> Any:
    from PIL import Image

    images = np.asarray(tensor)[:max_outputs]
    if images.dtype != np.uint8:  # scaled as TensorFlow does: the largest value becomes white
        low, high = float(images.min(initial=0)), float(images.max(initial=0))
        scale = 255 / high if low >= 0 and high > 0 else 127 / max(-low, high, 1e-30)
        images = (images * scale + (0 if low >= 0 else 128)).clip(0, 255).astype(np.uint8)
    values = []
    for place, pixels in enumerate(images):
        data = io.BytesIO()
        Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels).save(data, "PNG")
        label = f"{tag}/image" if max_outputs == 1 else f"{tag}/image/{place}"
        values.append(event_files.image(label, pixels, data.getvalue()))
    return event_files.summary(values)


@op("TextSummary", arrays=0, host=True)
def _text(tag: str, tensor: Any, name: Any = None) -> Any:
    found = np.asarray(tensor, object).ravel()
    said = "\n".join(one.decode() if isinstance(one, bytes) else str(one) for one in found)
    return event_files.summary([event_files.text(tag, said)])


@op("MergeSummary", host=True)
def _merged(inputs: Any, name: Any = None) -> Any:
    return b"".join(np.asarray(one, object).item() for one in inputs)


def _collected(kind: Any, name: str, tensor: Any, collections: Any, *options: Any) -> Any:
    graph = get_default_graph()
    tag = graph.unique_name(name, mark_as_used=False)
    made = kind(tag, tensor, *options, name=name)
    graph.add_to_collections([GraphKeys.SUMMARIES] if collections is None else collections, made)
    return made


def scalar(name: str, tensor: Any, collections: Any = None, family: Any = None) -> Any:
    """Return what tells a number."""
    return _collected(_scalar, name, tensor, collections)


def histogram(name: str, values: Any, collections: Any = None, family: Any = None) -> Any:
    """Return what tells how numbers are spread."""
    return _collected(_histogram, name, values, collections)


def image(name: str, tensor: Any, max_outputs: int = 3, collections: Any = None,
          family: Any = None) -> Any:  # fmt: skip
    """Return what shows images (batch, height, width, channels)."""
    return _collected(_image, name, tensor, collections, max_outputs)


def text(name: str, tensor: Any, collections: Any = None) -> Any:
    """Return what tells a text."""
    return _collected(_text, name, tensor, collections)


def audio(name: str, tensor: Any, sample_rate: Any, max_outputs: int = 3, collections: Any = None,
          family: Any = None) -> Any:  # fmt: skip
    """Refuse: sounds are not written."""
    from maeum.compat.graph.errors import UnimplementedError

    raise UnimplementedError("tf.summary.audio() is not covered; scalars, histograms, images and "
                             "texts are.")  # fmt: skip


def merge(inputs: Any, collections: Any = None, name: str | None = None) -> Any:
    """Return what tells all that several tell."""
    return _merged(list(inputs), name=name)


def merge_all(key: Any = GraphKeys.SUMMARIES, scope: Any = None, name: str | None = None) -> Any:
    """Return what tells all that the graph tells; None if there is nothing."""
    found = get_default_graph().get_collection(key, scope)
    return merge(found, name=name) if found else None


class FileWriter:
    """Writes summaries for TensorBoard into a new file of a folder.

    Args:
        logdir: the folder.
        graph: a graph to show.
        filename_suffix: what the name of the file ends with.
    """

    def __init__(
        self, logdir: Any, graph: Graph | None = None, max_queue: int = 10,
        flush_secs: int = 120, graph_def: Any = None, filename_suffix: str | None = None,
        session: Any = None,
    ):  # fmt: skip
        self._logdir = str(logdir)
        self._events = event_files.EventFile(self._logdir, filename_suffix or "")
        if graph is not None or graph_def is not None:
            self.add_graph(graph if graph is not None else graph_def)

    def get_logdir(self) -> str:
        """Return the folder."""
        return self._logdir

    def add_summary(self, summary: Any, global_step: Any = None) -> None:
        """Write what a summary told at a step."""
        data = getattr(summary, "data", summary) if not isinstance(summary, bytes) else summary
        self._events.reopen()
        self._events.add(int(global_step or 0), data)

    def add_graph(self, graph: Any, global_step: Any = None) -> None:
        """Write a graph."""
        self._events.reopen()
        self._events.add_graph(event_files.graph(map(_node, graph.get_operations())))

    def add_run_metadata(self, run_metadata: Any, tag: str, global_step: Any = None) -> None:
        """Accept what a run told of its time."""

    def flush(self) -> None:
        """Write what is waiting."""
        self._events.flush()

    def close(self) -> None:
        """Write what is waiting, and close the file."""
        self._events.close()

    def reopen(self) -> None:
        """Go on after `close`."""
        self._events.reopen()

    def __enter__(self) -> FileWriter:
        return self

    def __exit__(self, *error: Any) -> None:
        self.close()


SummaryWriter = FileWriter


class FileWriterCache:
    """The writers of folders, one for each."""

    _known: dict[str, FileWriter] = {}

    @classmethod
    def get(cls, logdir: Any) -> FileWriter:
        """Return the writer of a folder."""
        return cls._known.setdefault(str(logdir), FileWriter(logdir))


def _node(operation: Operation) -> tuple[str, str, list[str]]:
    inputs = [t.node.name if t.index == 0 else t.name for t in operation.inputs]
    return (
        operation.name,
        operation.type,
        [*inputs, *(f"^{c.name}" for c in operation.control_inputs)],
    )
