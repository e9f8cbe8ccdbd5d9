"""``maeum benchmark``: the same training on every device of this machine, timed."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from operator import attrgetter
from time import perf_counter
from typing import TYPE_CHECKING, Any

import click

from maeum.cli.arguments import option
from maeum.core.checks import check_choice, check_whole
from maeum.core.errors import ConfigError
from maeum.core.messages import N_, _

if TYPE_CHECKING:
    from maeum.models import Model

NO_GPU = N_("This machine offers a CPU only. For an NVIDIA GPU, install its build: "
            "pip install 'maeum[cuda]'")  # fmt: skip


@dataclass(frozen=True)
class Timing:
    """How long one training took on one device.

    Attributes:
        network: which network was trained.
        parameters: how many parameters it has.
        device: the device, such as ``"cpu:0"``.
        kind: what the device is.
        first: the seconds of the first epoch, with tracing and compilation (which is shorter
            where the program is in the cache).
        later: the median of the seconds of the later epochs.
        pictures_per_second: how many pictures a later epoch learns from in a second.
        accuracy: the accuracy in the last epoch; about the same on each device.
        times: how many times as fast the later epochs are as on the slowest device.
    """

    network: str
    parameters: int
    device: str
    kind: str
    first: float
    later: float
    pictures_per_second: float
    accuracy: float
    times: float = 1.0


def command() -> click.Command:
    """Return the command."""
    from maeum.cli.info import as_json_option

    said = _(
        "Compare the times of training on this machine's devices.\n\n"
        "They learn 1,437 handwritten digits of 28x28 pixels, which come with scikit-learn."
    )
    names = _("dense, cnn or residual; can be given several times. dense and cnn by default.")
    network = click.Option(["--network"], multiple=True, metavar="NAME", help=names)
    epochs = _("Epochs, 6 by default; the first one is with compilation.")
    params: list[click.Parameter] = [
        network,
        option("epochs", int, 6, "N", epochs),
        option("batch-size", int, 128, "N", _("Images of a step; 128 by default.")),
        as_json_option(),
    ]
    return click.Command("benchmark", callback=benchmark, params=params, help=said)


def benchmark(
    network: Sequence[str] = (), epochs: int = 6, batch_size: int = 128, as_json: bool = False
) -> None:
    """Train the same networks on every device of this machine, and compare the times.

    They learn 1,437 handwritten digits of 28x28 points, which come with scikit-learn.
    """
    from maeum.cli import display
    from maeum.report.sections import Table

    working = display.errors.status  # a line that is seen in a terminal only
    timings = compare_devices(network or ("dense", "cnn"), epochs, batch_size, working=working)
    cpu_only = all(timing.device.startswith("cpu") for timing in timings)
    if as_json:
        note, found = NO_GPU if cpu_only else None, [asdict(timing) for timing in timings]
        told = {"epochs": epochs, "batch_size": batch_size, "note": note, "timings": found}
        print(json.dumps(told, indent=2, ensure_ascii=False))
        return
    head = [_("Device"), _("First epoch"), _("Later epochs"), _("Images/s"), _("Speed"),
            _("Accuracy")]  # fmt: skip
    for (name, parameters), own in groupby(timings, attrgetter("network", "parameters")):
        display.say(_("{name}, {parameters:,} parameters, {batch_size} images a step",
                      name=name, parameters=parameters, batch_size=batch_size))  # fmt: skip
        display.show_table(Table("", head, [_row(timing) for timing in own]))
    if cpu_only:
        display.say(_(NO_GPU))


def compare_devices(
    networks: Iterable[str] = ("dense", "cnn"),
    epochs: int = 6,
    batch_size: int = 128,
    devices: Iterable[Any] | None = None,
    working: Callable[[str], AbstractContextManager] = nullcontext,
) -> list[Timing]:
    """Train networks on devices, from the same weights and in the same order of pictures.

    Args:
        networks: of ``"dense"``, ``"cnn"`` and ``"residual"`` (`maeum.applications.SmallResNet`).
        epochs: how many epochs; the first one counts apart.
        batch_size: the pictures of a step.
        devices: JAX devices; all of this machine by default.
        working: a context manager that is told what is being trained.

    Returns:
        A timing for each network and device.

    Raises:
        ConfigError: for fewer than 2 epochs, or no pictures in a step.
        UnknownNameError: for a network that is not there.
    """
    from maeum import datasets
    from maeum.cli.info import all_devices

    made = {name: _network(name) for name in networks}
    if epochs < 2:
        raise ConfigError("The benchmark takes 2 epochs or more, as the first one is with "
                          "compilation; got {n}.", n=epochs)  # fmt: skip
    check_whole(batch_size, "batch_size")
    devices = all_devices() if devices is None else list(devices)
    (x, y), _test = datasets.digits.load_data(size=28)
    pictures = x[..., None].astype("float32") / 255
    timings = []
    for name, make in made.items():
        runs = []
        for device in devices:
            told = f"{name} on {device.platform}:{device.id} ..."
            with working(told):
                runs.append(_measure(name, make, device, pictures, y, epochs, batch_size))
        slowest = max(run.later for run in runs)
        timings += [replace(run, times=slowest / run.later) for run in runs]
    return timings


def _measure(
    name: str, make: Callable[[], Model], device: Any, x: Any, y: Any, epochs: int, batch_size: int
) -> Timing:
    """Train on a device, epoch by epoch, with a look at the clock around each."""
    import jax

    from maeum.cli.info import describe

    with jax.default_device(device):
        model = make()
        model.reseed(0)
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        seconds = []
        for epoch in range(epochs):
            began = perf_counter()
            told = model.fit(x, y, batch_size, epoch + 1, initial_epoch=epoch, verbose=0)
            seconds.append(perf_counter() - began)
        accuracy = told.history["accuracy"][-1]
    later, about = statistics.median(seconds[1:]), describe(device)
    return Timing(name, model.count_params(), about["name"], about["kind"], seconds[0], later,
                  len(x) / later, accuracy)  # fmt: skip


def _network(name: str) -> Callable[[], Model]:
    """Return what makes the network of that name, for pictures of 28x28x1."""
    from maeum.applications import SmallResNet

    makers: dict[str, Callable[[], Model]] = {"dense": _dense, "cnn": _cnn, "residual": SmallResNet}
    return makers[check_choice(name, makers, "network")]


def _dense() -> Model:
    from maeum import Input, Sequential
    from maeum.layers import Dense, Flatten

    layers: list[Any] = [Flatten(), Dense(256, activation="relu"), Dense(128, activation="relu")]
    return Sequential([Input((28, 28, 1)), *layers, Dense(10, activation="softmax")])


def _cnn() -> Model:
    from maeum import Input, Sequential
    from maeum.layers import Conv2D, Dense, Flatten, MaxPooling2D

    layers: list[Any] = [Conv2D(32, 3, activation="relu"), MaxPooling2D(2)]
    layers += [Conv2D(64, 3, activation="relu"), MaxPooling2D(2), Flatten()]
    return Sequential([Input((28, 28, 1)), *layers, Dense(10, activation="softmax")])


def _row(timing: Timing) -> list[str]:
    from maeum.report.wording import duration, percent

    times = [duration(timing.first), duration(timing.later), f"{timing.pictures_per_second:,.0f}"]
    device = f"{timing.device} {timing.kind}"
    return [device, *times, f"x{timing.times:.1f}", percent(timing.accuracy)]
