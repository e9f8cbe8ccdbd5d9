"""``tf.config`` and ``tf.test``: which devices there are."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax

__all__ = [
    "get_visible_devices", "gpu_device_name", "is_built_with_cuda", "list_logical_devices",
    "list_physical_devices", "run_functions_eagerly", "set_memory_growth", "set_visible_devices",
]  # fmt: skip


class PhysicalDevice(NamedTuple):
    """A device."""

    name: str
    device_type: str


def list_physical_devices(device_type: str | None = None) -> list[PhysicalDevice]:
    """Return the devices, perhaps only those of a type such as ``"GPU"``."""
    kinds = [one.platform.upper() for one in jax.devices()]
    kinds = kinds if "CPU" in kinds else ["CPU", *kinds]
    found = [PhysicalDevice(f"/physical_device:{k}:{kinds[:i].count(k)}", k)
             for i, k in enumerate(kinds)]  # fmt: skip
    return [one for one in found if device_type in (None, one.device_type)]


list_logical_devices = get_visible_devices = list_physical_devices


def set_memory_growth(device: Any, enable: bool) -> None:
    """Accept; XLA takes the memory of devices."""


def set_visible_devices(devices: Any, device_type: str | None = None) -> None:
    """Accept; XLA chooses devices."""


def run_functions_eagerly(run_eagerly: bool) -> None:
    """Accept; functions run as it is quickest."""


def gpu_device_name() -> str:
    """Return the name of the first GPU; an empty text if there is none."""
    return "/device:GPU:0" if list_physical_devices("GPU") else ""


def is_built_with_cuda() -> bool:
    """Tell whether there is a GPU."""
    return bool(list_physical_devices("GPU"))
