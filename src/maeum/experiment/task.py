"""What a task is: from a kind of data to a trained and tested network."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from maeum.core.checks import check_choice
from maeum.core.errors import ConfigError, MaeumError, ModelFileError
from maeum.core.messages import N_, _, ngettext
from maeum.core.wording import enumeration
from maeum.experiment.options import Options, Reading, TrainingOptions

if TYPE_CHECKING:
    from maeum.callbacks import Callback
    from maeum.experiment.events import Event, Listener
    from maeum.experiment.model import TaskModel
    from maeum.experiment.run import Run
    from maeum.experiment.trained import Trained
    from maeum.experiment.verdict import Verdict
    from maeum.models import Model
    from maeum.report.sections import Chapter, Section

NETWORK = N_("Maeum network")  # in comparisons

# In the order in which they are asked whether a path is theirs; a line for each task.
TASKS = [
    "maeum.rl.experiment.task:AgentTask",
    "maeum.generative.anomaly.task:AnomalyTask",
    "maeum.generative.music.task:MusicTask",
    "maeum.generative.images.task:GenerateTask",
    "maeum.language.task:LanguageTask",
    "maeum.texts.task:TextTask",
    "maeum.images.experiment.task:ImageTask",
    "maeum.forecasting.task:SeriesTask",
    "maeum.tabular.task:TableTask",
]


class Task:
    """A kind of data, and what is done with it. Its instances hold nothing.

    `maeum.experiment.train` calls the methods in the order in which they stand here. Data are
    whatever `prepare` returns; they have at least ``source`` (a name), ``options``, ``notes``
    (sentences), ``seconds`` (of each step so far) and ``sizes`` (how many each part has).

    Attributes:
        kind: the name in the model file.
        title: what it is for, as a plural: the group of its options in the help.
        told_by: which options say that the data are of this kind, if the data alone do not.
        names: what ``--task`` may be for it.
        options: the class of its options.
        reading: the class of what says how a file is read.
        model: the class of the network with its preparation.
        run: the class of what a training leaves behind.
        holds: what the report says that the model file holds, before the ``commands``.
        inside: what it says of the network within it, if anything.
        commands: what the report says about using the model, as lines of a shell.
        usage: what is done with the ``model`` in Python.
        report: the module whose ``chapters`` makes the report of what a training returned.
    """

    kind: ClassVar[str]
    title: ClassVar[str]
    told_by: ClassVar[str] = ""
    names: ClassVar[tuple[str, ...]] = ()
    options: ClassVar[type[Options]] = TrainingOptions
    reading: ClassVar[type[Options]] = Reading
    model: ClassVar[type[TaskModel]]
    run: ClassVar[type[Run]]
    holds: ClassVar[str] = N_(
        "The model file beside this report holds the network and everything that prepares its "
        "data, so it takes files just as they are:"
    )
    inside: ClassVar[str] = N_("{network} is the network itself.")
    commands: ClassVar[tuple[str, ...]] = ()
    usage: ClassVar[str] = ""
    report: ClassVar[str] = ""

    def recognises(self, path: Path, chosen: Mapping[str, Any]) -> bool:
        """Tell whether a path (and the options that were given) are for this task."""
        raise NotImplementedError

    def prepare(self, source: Any, reading: Any, options: Any) -> Any:
        """Read data, divide them, and make them ready for a network."""
        raise NotImplementedError

    def better_as(self, data: Any) -> tuple[str, dict[str, Any]] | None:
        """Return which other task suits prepared data better, if one does.

        Returns:
            Its ``kind``, and the options that it needs; or None.
        """
        return None

    def describe(self, data: Any) -> Iterable[Event]:
        """Yield what was found in the data: a `Found`, then what was excluded, and so on."""
        raise NotImplementedError

    def build(self, data: Any) -> Model:
        """Return the compiled network."""
        raise NotImplementedError

    def fit_arguments(self, data: Any, refitting: bool) -> dict[str, Any]:
        """Return what ``fit`` takes: the training part, and the validation part if there is one.

        Refitting, both are the training part.
        """
        raise NotImplementedError

    def callbacks(self, data: Any) -> list[Callback]:
        """Return further callbacks of the training."""
        return []

    def first_judged(self, data: Any) -> int:
        """Return the epoch from which on the best one is looked for."""
        return 0

    def refits(self, data: Any) -> bool:
        """Tell whether a second network is trained on both parts for the best number of epochs."""
        return False

    def folds(self, data: Any) -> list[Any]:
        """Return the data divided in several ways, for a cross-validation; empty for none."""
        return []

    def fit(self, course: Any, data: Any) -> Any:
        """Train the network that is kept.

        Args:
            course: a `maeum.experiment.fitting.Course`.
            data: what `prepare` returned.

        Returns:
            A `maeum.experiment.fitting.Fitted`.
        """
        return course.fit(data)

    def decide(self, network: Model, data: Any, tell: Listener) -> tuple[Model, Any]:
        """Return the network that is kept, and the data with what the validation part decides.

        That is what it decides beside the best epoch.

        Args:
            network: the network of the best epoch, which has not seen the validation part.
            data: what it was trained on.
            tell: is told of it.
        """
        return network, data

    def wrap(self, network: Model, data: Any) -> TaskModel:
        """Return the trained network with what prepares its data."""
        raise NotImplementedError

    def score(self, model: Any, data: Any) -> dict[str, Any]:
        """Test the model: return ``metrics`` and what else is known of its answers."""
        raise NotImplementedError

    def pool(self, data: Any, tests: list[Any], tell: Listener) -> tuple[Any, dict, list[dict]]:
        """Return what a cross-validation found: the data, and both for all rows that were tested.

        Args:
            data: all of them; only needed where there are `folds`.
            tests: of each division, see `maeum.experiment.crossing.Tested`.
            tell: is told what they decide.

        Returns:
            The data with what was decided, and what `score` and `baselines` would return.
        """
        raise NotImplementedError

    def baselines(self, model: Any, data: Any) -> list[dict[str, Any]]:
        """Train and test other models; ``{"name": ..., "metrics": ..., "seconds": ...}`` each.

        With ``"prediction"``, what each says of the test rows, they are compared row by row.
        """
        return []

    def examine(
        self, model: Any, data: Any, found: dict[str, Any], tell: Listener
    ) -> dict[str, Any]:
        """Return what only a report needs to know; ``found`` is what `score` returned.

        ``tell`` is told of what takes long.
        """
        return {}

    def name_of(self, network: Model) -> str:
        """Return what comparisons call the trained network, as an untranslated message."""
        return NETWORK

    def summary(self, network: Model) -> str:
        """Return the layers of the network as text."""
        lines: list[str] = []
        network.summary(print_fn=lines.append)
        return "\n".join(lines)

    def chosen(self, data: Any) -> dict[str, Any]:
        """Return the settings that the data decided, beside their ``options``."""
        return {}

    def facts(self, run: Any) -> dict[str, Any]:
        """Return what the model file says of the training beside metrics, rows and settings."""
        return {}

    def verdict(self, run: Any) -> Verdict:
        """Say how good the network is; by default, as one that tells classes apart."""
        from maeum.experiment.verdict import of_classes

        return of_classes(run)

    def closing(self, trained: Trained) -> Iterable[str]:
        """Yield what the terminal says at the end, behind the comparison of the models."""
        verdict = self.verdict(trained.run)
        yield f"\n{verdict.headline}."
        yield from verdict.closing

    def eyebrow(self, run: Any) -> tuple[str, ...]:
        """Return what stands behind the source's name above the headline: what is learnt."""
        return (ngettext("{n} class", "{n} classes", len(run.classes)),)

    @property
    def snippet(self) -> str:
        """What the report says about using the model in Python."""
        name, room = self.model.__name__, self.model.__module__
        room = room.rpartition(".")[0] or room
        return f'from {room} import {name}\n\nmodel = {name}.load("model.maeum")\n{self.usage}'

    def sections(self, trained: Trained) -> list[Chapter]:
        """Return the chapters of the report between its opening and the training."""
        return importlib.import_module(self.report).chapters(trained)  # late: with jinja2

    def learning(self, trained: Trained) -> list[Section] | None:
        """Return how the network learnt, for the report; None for the curves of its epochs."""
        return None

    def split(self, chosen: Mapping[str, Any]) -> tuple[Any, Any]:
        """Tell the options of the reading from those of the training.

        Raises:
            ConfigError: for one that there is not.
        """
        self.options.check_names(chosen, self.reading)
        told = {*self.reading.fields(), *self.reading.former_names}
        return (
            self.reading(**{k: v for k, v in chosen.items() if k in told}),
            self.options(**{k: v for k, v in chosen.items() if k not in told}),
        )


_further: list[Task] = []


def register(task: Task) -> None:
    """Add a task from elsewhere; it is asked before those of Maeum.

    A package that is installed need not call this: it names its task in the entry points of the
    group ``maeum.tasks``.
    """
    _further.insert(0, task)


def tasks() -> Iterator[Task]:
    """Yield every task, in the order in which they are asked whether a path is theirs."""
    from importlib.metadata import entry_points

    yield from _further
    yield from (point.load()() for point in entry_points(group="maeum.tasks"))
    for place in TASKS:
        room, _sep, name = place.partition(":")
        yield getattr(importlib.import_module(room), name)()


def task_for(path: Path, chosen: Mapping[str, Any]) -> Task:
    """Return the task for a path and the options that were given.

    Raises:
        ConfigError: if there is none, or the one for the path does no such ``task``.
        UnknownNameError: for a ``task`` that none of them is for.
    """
    wanted = chosen.get("task")
    if wanted is not None:
        known = dict.fromkeys(name for task in tasks() for name in task.names)
        check_choice(wanted, [*known], "--task")
    for task in tasks():
        if task.recognises(path, chosen):
            if wanted is None or wanted in task.names:
                return task
            kinds = [_(other.title) for other in tasks() if wanted in other.names]
            raise ConfigError("--task {task} is for {kinds}, and {path!r} is taken for {kind}.",
                              task=wanted, kinds=enumeration(kinds), path=str(path),
                              kind=_(task.title))  # fmt: skip
    raise ConfigError("{path!r} is nothing that Maeum can learn from.", path=str(path))


def prepare(task: Task, path: Path, chosen: Mapping[str, Any]) -> tuple[Task, Any]:
    """Prepare the data of a path; return them with the task, or with one that suits them better.

    Args:
        task: the task that recognised the path.
        path: the file or folder.
        chosen: the options that were given. One that another task does not know keeps the task.
    """
    data = task.prepare(path, *task.split(chosen))
    better = task.better_as(data)
    if better is None:
        return task, data
    kind, needed = better
    other = next(other for other in tasks() if other.kind == kind)
    if not {*other.options.fields(), *other.reading.fields()} >= chosen.keys():
        return task, data
    found = other.prepare(path, *other.split({**chosen, **needed}))
    options = " ".join(f"--{name} {value}" for name, value in needed.items())
    found.notes.insert(0, _("Taken for {kind}, as with {options}. An option of {former} alone "
                            "(such as --hidden 64) has it learnt as that.", kind=_(other.title),
                            options=options, former=_(task.title)))  # fmt: skip
    return other, found


def open_model(path: str | os.PathLike) -> TaskModel:
    """Load a model file of any task, or of a network that one can do something with as it is.

    Raises:
        ModelFileError: if the file is no model, or one without preparation.
    """
    from maeum.experiment.model import check_prepared, kind_of
    from maeum.saving import archive

    entries = archive.read_entries(path)
    kind = kind_of(entries)
    if kind is None:
        bare = _of_network(entries, str(path))
        if bare is not None:
            return bare
        check_prepared(entries, str(path))
    task = next((task for task in tasks() if task.kind == kind), None)
    if task is None:
        raise ModelFileError("{path!r} is a model of the kind {kind!r}, which this version of "
                             "Maeum does not know. Update Maeum, or install the package that it "
                             "comes from.", path=str(path), kind=kind)  # fmt: skip
    return task.model.from_entries(entries, str(path))


def _of_network(entries: Mapping[str, bytes], what: str) -> TaskModel | None:
    """Return a network that was saved without preparation, as the model of a task; or None."""
    from maeum.saving import archive

    try:
        network = archive.from_entries(entries, what)
    except MaeumError:  # whose classes are not known here
        return None
    found = (task.model.of_network(network) for task in tasks())
    return next((model for model in found if model is not None), None)
