"""Settings for everything that is made from now on: dtypes, image layout, limits, messages.

A setting that could have no effect is refused, rather than accepted and ignored.

Example:
    >>> floatx(), epsilon(), image_data_format(), backend()
    ('float32', 1e-07, 'channels_last', 'jax')
"""

from __future__ import annotations

from typing import Any

import jax

from maeum.core.checks import check_choice, check_positive, check_whole
from maeum.core.config import count_change
from maeum.core.dtypes import DTypePolicy, global_policy, policy_of
from maeum.core.errors import ConfigError
from maeum.core.settings import settings

__all__ = [
    "backend",
    "disable_flash_attention",
    "disable_interactive_logging",
    "disable_traceback_filtering",
    "dtype_policy",
    "enable_flash_attention",
    "enable_interactive_logging",
    "enable_traceback_filtering",
    "enable_unsafe_deserialization",
    "epsilon",
    "floatx",
    "image_data_format",
    "is_flash_attention_enabled",
    "is_interactive_logging_enabled",
    "is_nnx_enabled",
    "is_traceback_filtering_enabled",
    "max_epochs",
    "max_steps_per_epoch",
    "set_backend",
    "set_dtype_policy",
    "set_epsilon",
    "set_floatx",
    "set_image_data_format",
    "set_max_epochs",
    "set_max_steps_per_epoch",
]

_FLOATS = ("bfloat16", "float16", "float32", "float64")
_doubled = [False]  # whether `set_floatx` turned JAX's double precision on


def backend() -> str:
    """Return the name of the engine: ``"jax"``."""
    return "jax"


def set_backend(backend: str) -> None:
    """Accept ``"jax"``, Maeum's only engine.

    Raises:
        ConfigError: for another one.
    """
    if backend != "jax":
        raise ConfigError("Maeum computes with JAX alone, so that a whole training is one program; "
                          "got backend={backend!r}. Convert arrays of other libraries with "
                          "numpy.asarray.", backend=backend)  # fmt: skip


def floatx() -> str:
    """Return the dtype of floating numbers where none is given."""
    return settings.floatx


def set_floatx(value: str) -> None:
    """Choose the dtype of floating numbers for layers, data and variables made from now on.

    ``"float64"`` turns JAX's double precision on (``jax_enable_x64``), for this whole process;
    the native kernels are for single precision, so that it is slower than one would think.

    Args:
        value: ``"float32"``, ``"float64"``, ``"bfloat16"`` or ``"float16"``. To compute in 16 bits
            with weights in 32, use ``set_dtype_policy("mixed_bfloat16")``.

    Raises:
        ConfigError: for another dtype.
    """
    check_choice(value, _FLOATS, "floatx")
    double = bool(jax.config.jax_enable_x64)  # type: ignore[attr-defined]
    if value == "float64" and not double:
        jax.config.update("jax_enable_x64", True)
        _doubled[0] = True
    elif value != "float64" and _doubled[0]:
        jax.config.update("jax_enable_x64", False)
        _doubled[0] = False
    settings.floatx = value
    count_change()


def epsilon() -> float:
    """Return what logarithms and divisions are kept away from 0 with."""
    return settings.epsilon


def set_epsilon(value: float) -> None:
    """Choose what logarithms and divisions of losses and metrics are kept away from 0 with.

    Programs that are compiled already keep the former value.

    Raises:
        ConfigError: for something else than a number above 0.
    """
    settings.epsilon = float(check_positive(value, "epsilon"))
    count_change()


def image_data_format() -> str:
    """Return where channels are if nothing is said: ``"channels_last"`` or ``"channels_first"``."""
    return settings.image_data_format


def set_image_data_format(data_format: str) -> None:
    """Choose where the channels of images are, for layers and ops that are not told.

    Layers that are made already keep what they have.

    Raises:
        ConfigError: for something else than ``"channels_last"`` or ``"channels_first"``.
    """
    given = str(data_format).lower()
    settings.image_data_format = check_choice(
        given, ("channels_last", "channels_first"), "data_format"
    )
    count_change()


def dtype_policy() -> DTypePolicy:
    """Return the dtype policy of layers that are given none; that of `floatx` at first."""
    return global_policy()


def set_dtype_policy(policy: Any) -> None:
    """Choose the dtype policy of layers that are made from now on, without a ``dtype``.

    Args:
        policy: a `maeum.DTypePolicy`, or its name, such as ``"mixed_bfloat16"``.

    Raises:
        ConfigError: for something else.
    """
    if not isinstance(policy, (str, DTypePolicy)):
        raise ConfigError("Invalid `policy` argument: a dtype policy or its name, such as "
                          "'mixed_bfloat16'; got {policy!r}.", policy=policy)  # fmt: skip
    settings.dtype_policy = policy_of(policy)


def max_epochs() -> int | None:
    """Return the most epochs that any ``fit`` runs, or None."""
    return settings.max_epochs


def set_max_epochs(max_epochs: int | None) -> None:
    """Limit the epochs of every ``fit``, to try a script out; None for no limit.

    The environment variable ``MAEUM_MAX_EPOCHS`` does the same without a change of the script.
    """
    limit = None if max_epochs is None else check_whole(max_epochs, "max_epochs", 0)
    settings.max_epochs = limit or None  # 0 is no limit, as in Keras


def max_steps_per_epoch() -> int | None:
    """Return the most steps of an epoch, an evaluation or a prediction, or None."""
    return settings.max_steps


def set_max_steps_per_epoch(max_steps_per_epoch: int | None) -> None:
    """Limit the steps of every epoch, evaluation and prediction; None for no limit.

    The environment variable ``MAEUM_MAX_STEPS_PER_EPOCH`` does the same.
    """
    given = max_steps_per_epoch
    limit = None if given is None else check_whole(given, "max_steps_per_epoch", 0)
    settings.max_steps = limit or None


def enable_interactive_logging() -> None:
    """Print progress and messages, as at first."""
    settings.interactive = True


def disable_interactive_logging() -> None:
    """Hand progress and messages to the logger ``"maeum"`` of `logging`, at the level INFO."""
    settings.interactive = False


def is_interactive_logging_enabled() -> bool:
    """Tell whether progress and messages are printed."""
    return settings.interactive


def enable_traceback_filtering() -> None:
    """Leave Maeum's and JAX's own frames out of what is printed of errors, as at first."""
    settings.filtering = True
    jax.config.update("jax_traceback_filtering", "auto")


def disable_traceback_filtering() -> None:
    """Show Maeum's and JAX's own frames in what is printed of errors."""
    settings.filtering = False
    jax.config.update("jax_traceback_filtering", "off")


def is_traceback_filtering_enabled() -> bool:
    """Tell whether Maeum's and JAX's own frames are left out of what is printed of errors."""
    return settings.filtering


def enable_flash_attention() -> None:
    """Let attention on a CPU be computed block by block, never with a whole table of scores.

    The results are the same; by itself Maeum chooses by the shapes. On a GPU JAX chooses.
    """
    settings.flash_attention = True
    count_change()


def disable_flash_attention() -> None:
    """Let attention on a CPU hold the whole table of scores; see `enable_flash_attention`."""
    settings.flash_attention = False
    count_change()


def is_flash_attention_enabled() -> bool | None:
    """Tell whether block-wise attention was asked for; None where Maeum chooses by itself."""
    return settings.flash_attention


def is_nnx_enabled() -> bool:
    """Tell whether variables are those of Flax NNX, which Maeum has no need of: never."""
    return False


def enable_unsafe_deserialization() -> None:
    """Refuse: a model file never brings code.

    Raises:
        ConfigError: always.
    """
    raise ConfigError("A file of Maeum holds no code, so there is nothing to allow: write a Lambda "
                      "with a registered function (@maeum.register()), or pass the function as "
                      "custom_objects to load_model.")  # fmt: skip
