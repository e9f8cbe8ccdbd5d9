"""The command ``maeum watch``: an agent plays, and one sees it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from maeum.cli import arguments
from maeum.cli.arguments import chosen, field_option, read_values
from maeum.core.errors import ConfigError
from maeum.core.messages import _


class Watch(click.Command):
    """The command; its options are fields, which are looked up when it is run."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the model and the options."""
        if len(self.params) == 1:
            from maeum.rl.experiment.options import WatchOptions

            self.params += [field_option(n, each) for n, each in WatchOptions.fields().items()]
            out = _("Where {page} and {animation} are written; beside the model by default.",
                    page="watch.html", animation="watch.gif")  # fmt: skip
            best = _("Take the best actions that it knows, or --no-greedy such as in training.")
            self.params += [
                click.Option(["--greedy/--no-greedy"], default=True, help=best),
                click.Option(["--out", "--output"], metavar="FOLDER", help=out,
                             type=click.Path(path_type=Path)),
            ]  # fmt: skip
        return super().get_params(ctx)


def command() -> click.Command:
    """Return the command."""
    said = _("Let an agent play, and write a page that shows it, and an animation.\n\nMODEL is "
             "what maeum train CartPole-v1 (or another environment) has written.")  # fmt: skip
    return Watch("watch", callback=watch, params=[arguments.model()], help=said)


@click.pass_context
def watch(
    context: click.Context, model: Path, greedy: bool, out: Path | None, **_options: Any
) -> None:
    """Play episodes, and write how they went."""
    from maeum.cli import display
    from maeum.experiment.files import check_folder
    from maeum.rl.experiment.options import WatchOptions
    from maeum.rl.experiment.places import open_environment
    from maeum.rl.experiment.watching import watch, write_watched

    values = chosen(context, {*WatchOptions.fields()})
    options = WatchOptions(**read_values(values, WatchOptions.fields()))
    agent = _agent_of(model)
    if options.environment is not None:
        agent.move_to(open_environment(options.environment))
    folder = out or model.parent
    check_folder(folder)
    films = watch(agent, options.episodes, options.seed, greedy)
    for number, film in enumerate(films, start=1):
        display.say(_("Episode {n}: {said}", n=number, said=film.headline()))
    paths = write_watched(agent, films, folder, greedy)
    display.say_path(_("Page:"), paths["page"])
    display.say_path(_("Animation:"), paths["animation"])


def _agent_of(path: Path) -> Any:
    """Return the agent of a model file.

    Raises:
        ConfigError: if it holds something else.
        ModelFileError: if it is no model.
    """
    from maeum.experiment.model import kind_of
    from maeum.experiment.task import tasks
    from maeum.rl.agent import Agent
    from maeum.saving import archive

    entries = archive.read_entries(path)
    kind = kind_of(entries)
    if kind in (None, "agent"):
        found = archive.from_entries(entries, str(path))
        if isinstance(found, Agent):
            return found
        what = type(found).__name__
    else:
        what = next((_(task.title) for task in tasks() if task.kind == kind), str(kind))
    raise ConfigError("{model} is no agent that could be watched ({what}). An agent is what maeum "
                      "train CartPole-v1, or another environment, writes.", model=path,
                      what=what)  # fmt: skip
