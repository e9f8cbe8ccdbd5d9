"""Names of Keras that are deliberately not here: why, and what to use instead.

Asking for one of them says so; `docs/differences.md` has the same list for readers.
"""

from __future__ import annotations

from maeum.core.messages import N_, _

_REASONS: dict[str, tuple[str, ...]] = {
    N_("Maeum computes with JAX alone, so other frameworks' programs cannot run inside a model. "
       "Write the layer with maeum.ops, and bring its weights as arrays (layer.set_weights)."): (
        "layers.TFSMLayer", "layers.TorchModuleWrapper",
    ),
    N_("A JAX function is a layer already: Lambda(function), or a layer whose call uses it. "
       "Hold its parameters with add_weight, so that they are trained and saved."): (
        "layers.FlaxLayer", "layers.JaxLayer",
    ),
    N_("Checkpoints are written by fit(backup=folder), from which a training goes on bit for bit; "
       "ModelCheckpoint keeps models."): (
        "callbacks.OrbaxCheckpoint",
    ),
    N_("The files of TensorBoard's events are not written. fit returns the values of every epoch, "
       "and CSVLogger writes them to a file."): (
        "callbacks.TensorBoard",
    ),
    N_("Maeum does not quantize models. For 16 bits there are dtype=\"bfloat16\" and the dtype "
       "policy \"mixed_bfloat16\"."): (
        "Quantizer", "quantizers", "dtype_policies.AWQDTypePolicy",
        "dtype_policies.DTypePolicyMap", "dtype_policies.GPTQDTypePolicy",
        "dtype_policies.Int4DTypePolicy", "dtype_policies.QuantizedDTypePolicy",
        "dtype_policies.QuantizedFloat8DTypePolicy",
    ),
    N_("Keras 3 only has these names to say that they are gone. Take maeum.optimizers.Adam and so "
       "on, which understand older spellings such as lr and decay."): (
        "optimizers.legacy",
    ),
    N_("There is no distillation room; write it as a loss: examples of a train_step of one's own "
       "are in docs/models.md."): (
        "distillation",
    ),
    N_("A model is trained on one device; there is nothing to distribute over yet."): (
        "distribution",
    ),
    N_("Programs for other runtimes are not written. model.save() keeps the model for Maeum; "
       "maeum.functional.apply makes it a pure function that jax.export can write."): (
        "export.ExportArchive",
    ),
    N_("Images are drawn by matplotlib: pyplot.imshow(image), and pyplot.Rectangle for a box. "
       "maeum.utils.bounding_boxes brings boxes into pixels."): (
        "visualization",
    ),
    N_("A model of Maeum is a zip of JSON and safetensors: open weights.safetensors in it with the "
       "library safetensors, or use model.get_weights() and set_weights()."): (
        "saving.KerasFileEditor",
    ),
}  # fmt: skip

REASONS = {name: reason for reason, names in _REASONS.items() for name in names}


def reason(package: str, name: str) -> str | None:
    """Return why a package of Maeum has no such name, if there is a reason; else None.

    >>> reason("maeum", "quantizers").startswith("Maeum does not quantize")
    True
    """
    path = f"{package}.{name}".removeprefix("maeum.")
    return _(REASONS[path]) if path in REASONS else None
