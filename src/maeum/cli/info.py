"""``maeum info``: what is installed here, and what it computes on."""

from __future__ import annotations

import json
import os
import platform
from pathlib import Path
from typing import Any

import click

from maeum.cli.cache import Kept, all_kept, in_bytes, say, sizes
from maeum.core.messages import N_, _

OPTIONAL = {
    "h5py": N_("HDF5 files and weights of Keras"),
    "optax": N_("optimizers beside Maeum's own"),
}


def command() -> click.Command:
    """Return the command."""
    said = _("Show versions, devices, kernels, folders and libraries.")
    return click.Command("info", callback=info, params=[as_json_option()], help=said)


def as_json_option() -> click.Option:
    """Return ``--json``."""
    return click.Option(["--json", "as_json"], is_flag=True, help=_("Print it as JSON."))


def info(as_json: bool = False) -> None:
    """Show versions, devices, kernels, folders and libraries."""
    from maeum.cli import display

    found = facts()
    if as_json:
        print(json.dumps(found, indent=2, ensure_ascii=False))
        return
    for label, text in lines(found):
        display.show_fact(label, text, 19)


def facts() -> dict[str, Any]:
    """Return what the command shows; memory and sizes in bytes, None for what is not known.

    >>> found = facts()
    >>> found["threads"] > 0, found["native"]["present"] or bool(found["native"]["reason"])
    (True, True)
    """
    import jax

    import maeum
    from maeum import datasets, native
    from maeum.core.runtime import cache_folder, installed, processors

    kernels, kept = native.status(), all_kept()
    data = os.environ.get("MAEUM_DATA")
    devices, trouble = _devices()
    return {
        "maeum": maeum.__version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "jax": jax.__version__,
        "jaxlib": installed("jaxlib"),
        "numpy": installed("numpy"),
        "devices": devices,
        "devices_error": trouble,
        "threads": processors(),
        "native": {
            "present": kernels.present,
            "instruction_set": kernels.instruction_set or None,
            "reason": kernels.reason or None,
        },
        "cache": {
            "folder": str(cache_folder()),
            "bytes": sum(sizes(cache_folder())),
            "programs": kept[0].folder,
            "kept": [each._asdict() for each in kept],
        },
        "data": {
            "folder": data or None,
            "exists": bool(data) and Path(data or "").is_dir(),
            "sets": datasets.available_offline(),
        },
        "libraries": {name: installed(name) for name in OPTIONAL},
    }


def lines(found: dict[str, Any]) -> list[tuple[str, str]]:
    """Say the facts in words: pairs of a label and a text."""
    told = [
        ("Maeum", found["maeum"]),
        ("Python", _("{python} on {system}", **found)),
        ("JAX", f"{found['jax']} (jaxlib {found['jaxlib']}, NumPy {found['numpy']})"),
    ]
    for device in found["devices"]:
        said = N_("{name}: {kind}, {memory} of memory") if device["memory"] else "{name}: {kind}"
        told.append((_("Device"), _(said, **device | {"memory": in_bytes(device["memory"] or 0)})))
    if found["devices_error"]:
        told.append((_("Devices"), _("JAX finds none: {error}", error=found["devices_error"])))
    kernels = found["native"]
    used = N_("in use ({instruction_set})") if kernels["present"] else N_("none: {reason}")
    cache, data = found["cache"], found["data"]
    folder = data["folder"] or _("none; the variable MAEUM_DATA can name one")
    if data["folder"] and not data["exists"]:
        folder = _("{folder} (there is no such folder)", folder=folder)
    return [
        *told,
        (_("CPU threads"), str(found["threads"])),
        (_("Native kernels"), _(used, **kernels)),
        (_("Cache"), f"{cache['folder']} ({in_bytes(cache['bytes'])})"),
        *((_(each["what"]), say(Kept(**each))) for each in cache["kept"]),
        (_("Data folder"), folder),
        (_("Data sets here"), ", ".join(data["sets"])),
        *((name, version or _("not installed; it serves {what}", what=_(OPTIONAL[name])))
          for name, version in found["libraries"].items()),
    ]  # fmt: skip


def describe(device: Any) -> dict[str, Any]:
    """Return a device's name, platform, kind and memory in bytes (None if it is not known)."""
    memory = (_statistics(device) or {}).get("bytes_limit")
    kind = device.device_kind
    if device.platform == "cpu":
        kind, memory = _processor() or kind, memory or _main_memory()
    name = f"{device.platform}:{device.id}"
    return {"name": name, "platform": device.platform, "kind": kind, "memory": memory}


def all_devices() -> list[Any]:
    """Return the devices of this process, the CPU first, then what JAX prefers to it.

    Raises:
        RuntimeError: if JAX cannot reach what it was told to use.
    """
    import jax

    preferred = jax.local_devices()
    if preferred[0].platform == "cpu":
        return preferred
    try:
        return [*jax.local_devices(backend="cpu"), *preferred]
    except RuntimeError:  # JAX_PLATFORMS leaves the CPU out
        return preferred


def _devices() -> tuple[list[dict[str, Any]], str | None]:
    """Return the devices, or none and why; the command is there to find out what is wrong."""
    try:
        return [describe(device) for device in all_devices()], None
    except RuntimeError as error:
        return [], " ".join(str(error).split())


def _statistics(device: Any) -> dict[str, Any] | None:
    try:
        return device.memory_stats()
    except Exception:  # each platform's plugin has errors of its own
        return None


def _processor() -> str | None:
    """Return the name of the processor, where the system tells it."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return platform.processor() or None
    names = (line.partition(":")[2].strip() for line in text.splitlines() if "model name" in line)
    return next(names, None) or platform.processor() or None


def _main_memory() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # Windows has no such question
        return None
