"""Arguments of TensorFlow and Keras that change nothing here, and those that nobody knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from maeum.core.errors import ArgumentError, nearest

# They say where, how or under which names something runs, never what is computed.
WITHOUT_EFFECT = frozenset(
    {
        "aggregation", "as_text", "buffer_size", "caching_device", "clear_devices",
        "clear_extraneous_savers", "collection_list", "collections", "config", "daemon",
        "embeddings_data", "embeddings_layer_names", "embeddings_metadata", "export_scope",
        "hooks", "ignore_live_threads", "import_scope", "input_size", "max_q_size",
        "max_queue_size", "metrics_collections", "module", "nb_worker",
        "num_parallel_reads", "output_collections", "outputs_collections", "partitioner",
        "pickle_safe", "required", "save_debug_info", "saving_listeners", "short_name",
        "start", "strip_default_attrs", "summaries", "synchronization",
        "update_collections", "updates_collections", "use_locking", "use_multiprocessing",
        "use_resource", "validate_shape", "workers",
    }
)  # fmt: skip


def check_others(name: str, others: Mapping[str, Any], known: Iterable[str] = ()) -> None:
    """Raise `ArgumentError` for arguments that would change what is computed, or that are misspelt.

    Args:
        name: of the function that they were given to.
        others: the arguments beside those that it knows.
        known: these, for the nearest name.

    >>> check_others("accuracy", {"updates_collections": None})
    """
    for other, value in others.items():
        if other in WITHOUT_EFFECT or value is None:
            continue
        hint = nearest(other, [*known, *WITHOUT_EFFECT])
        raise ArgumentError("{name}() does not take {other}={value!r} in Maeum.{hint} Leave it "
                            "out, if it is not needed.", name=name, other=other, value=value,
                            hint=hint)  # fmt: skip
