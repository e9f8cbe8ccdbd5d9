"""The page of a comparison."""

from __future__ import annotations

import shlex

from maeum.classics.comparing import figures
from maeum.classics.comparing.comparison import Comparison
from maeum.classics.comparing.pictures import PERCEPTRON
from maeum.classics.comparing.trials import NETWORK
from maeum.classics.comparing.wording import explained, headline_of, title_of, verdicts
from maeum.classics.pages import columns_chapter, next_chapter
from maeum.core.messages import _, ngettext
from maeum.core.wording import enumeration, shorten
from maeum.experiment.run import ROWS
from maeum.report.sections import (
    Caution,
    Chapter,
    Heading,
    Notes,
    Page,
    Section,
    Terms,
    Text,
    Tile,
)
from maeum.report.wording import duration, metric, metric_name
from maeum.tabular.result import COLUMNS


def page_of(found: Comparison) -> Page:
    """Return the report of a comparison."""
    source, target = shorten(found.data.source, 60), shorten(found.data.target.name, 40)
    headline = headline_of(found)
    chapters = [_ranking(found), _metrics(found), _folds(found), _costs(found), _pictures(found),
                _models(found), _table(found), _next(found)]  # fmt: skip
    return Page(
        title=_("Models compared on {source}", source=source),
        eyebrow=(source, target),
        headline=headline,
        sentences=verdicts(found),
        tiles=_tiles(found),
        chapters=[chapter for chapter in chapters if chapter.sections],
    )


def _tiles(found: Comparison) -> list[Tile]:
    best, name = found.ranking[0], metric_name(found.metric).label
    folds = ngettext("mean of {n} fold", "mean of {n} folds", len(found.folds))
    tiles = [Tile(_("Network"), metric(found.metric, found.mean(NETWORK)), f"{name}, {folds}")]
    if best != NETWORK:
        tiles.append(Tile(found.title(best), metric(found.metric, found.mean(best)),
                          _("{metric}, the best", metric=name)))  # fmt: skip
    elif len(found.ranking) > 1:
        second = found.ranking[1]
        tiles.append(Tile(found.title(second), metric(found.metric, found.mean(second)),
                          _("{metric}, the second", metric=name)))  # fmt: skip
    seconds = found.cost(NETWORK, "train_seconds")
    return [*tiles, Tile(_("Training"), duration(seconds), _("the network, one fold")),
            Tile(_("Rows"), f"{len(found.data.frame):,}", _("each is tested once"))]  # fmt: skip


def _ranking(found: Comparison) -> Chapter:
    sections: list[Section] = []
    if found.interrupted:
        said = ngettext("Stopped by hand: {n} fold was finished of {all}.",
                        "Stopped by hand: {n} folds were finished of {all}.", len(found.folds),
                        all=len(found.data.divisions))  # fmt: skip
        sections.append(Caution(said))
    sections.append(Text(_how(found)))
    sections.append(figures.ranking(found))
    if len(found.ranking) > 1:
        sections += [Heading(_("Differences to the network")), figures.differences(found)]
        sections.append(Text(_(
            "The folds share most of the rows that they are trained on, so their differences are "
            "not independent, and a usual t interval would be too narrow. These are corrected "
            "resampled t intervals (Nadeau and Bengio, 2003), which count the variance of the "
            "differences with 1 / folds + tested rows / trained rows instead of 1 / folds. Of many "
            "comparisons, some are apart by chance even so: about one of twenty."
        ), small=True))  # fmt: skip
    return Chapter("ranking", _("Who is ahead"), sections)


def _how(found: Comparison) -> str:
    data = found.data
    rows = ROWS.count(len(data.frame))
    if data.options.group is not None:
        way = _("rows with the same {name!r} stay together", name=shorten(data.options.group, 40))
    elif data.target.classes:
        way = _("each has the classes in the same proportions (stratified)")
    else:
        way = _("drawn at random")
    return _("{rows} in {n} parts; {way}. Each part was once the test, and all models were trained "
             "on the same other rows, prepared by what these hold.", rows=rows,
             n=len(data.divisions), way=way)  # fmt: skip


def _metrics(found: Comparison) -> Chapter:
    said = _("The means of the folds; the best of each metric stands out.")
    if found.task == "binary":
        threshold = 0.5 if found.options.threshold is None else found.options.threshold
        said += " " + _("Answers are from a probability of {threshold:.0%} on, for every model.",
                        threshold=threshold)  # fmt: skip
    return Chapter("metrics", _("All metrics"), [Text(said), figures.metrics(found)])


def _folds(found: Comparison) -> Chapter:
    chart = figures.by_fold(found)
    return Chapter("folds", _("Fold by fold"), [] if chart is None else [chart])


def _costs(found: Comparison) -> Chapter:
    return Chapter("cost", _("Time and size"), [
        figures.time_and_score(found), Heading(_("In numbers")), figures.costs(found)
    ])  # fmt: skip


def _pictures(found: Comparison) -> Chapter:
    pictures = found.pictures
    if pictures is None:
        return Chapter("pictures", "", [])
    rows, names = figures.rows_of(pictures), [f"“{shorten(n, 40)}”" for n in pictures.names]
    if found.data.target.classes:
        said = _("Here each model was trained again on {rows} and two columns alone, {columns}: "
                 "the pair that tells the classes apart best. The colour shows what it answers "
                 "at each place; the dots are rows. The fraction below is of the rows that it was "
                 "trained on: who is right for nearly all of them may have overfitted, which "
                 "ragged borders show.", rows=rows, columns=enumeration(names))  # fmt: skip
        sections = figures.boundaries(found, pictures)
        return Chapter("pictures", _("Decision boundaries"), [Text(said), *sections])
    said = _("Here each model was trained again on {rows} and one column alone, {column}, which "
             "tells most of “{target}”. The line is what it predicts; the dots are rows. Steps and "
             "jags that follow single rows are overfitted.", rows=rows, column=names[0],
             target=shorten(found.data.target.name, 40))  # fmt: skip
    return Chapter("pictures", _("What each has learnt"),
                   [Text(said), *figures.curves(found, pictures)])  # fmt: skip


def _models(found: Comparison) -> Chapter:
    keys = list(found.ranking)
    if found.pictures is not None and PERCEPTRON in found.pictures.models:
        keys.append(PERCEPTRON)
    terms = [(title_of(found, key), "", explained(found, key)) for key in keys]
    sections: list[Section] = [Terms(terms)]
    if found.excluded:
        told = [f"{found.title(key)}: {shorten(reason, 300)}"
                for key, reason in found.excluded.items()]  # fmt: skip
        sections += [Heading(_("Excluded models")), Notes(told)]
    sections.append(Text(_("All but the network are scikit-learn’s, with their defaults."),
                         small=True))  # fmt: skip
    return Chapter("models", _("What each model is"), sections)


def _table(found: Comparison) -> Chapter:
    data = found.data
    columns = [c for c in data.columns if c.name != data.target.name]
    used = sum(c.used for c in columns)
    said = _("{rows} with a value of “{target}” and {columns} besides; {used} of them are learnt "
             "from.", rows=ROWS.count(len(data.frame)), target=shorten(data.target.name, 40),
             columns=COLUMNS.count(len(columns)), used=f"{used:,}")  # fmt: skip
    return columns_chapter(said, columns, len(data.frame), found.notes, found.options)


def _next(found: Comparison) -> Chapter:
    source, target = shorten(found.data.source, 40), found.data.target.name
    said = _("comparison.csv beside this report has a line for each model and fold, "
             "comparison.json the means, differences and options. To train the network on all "
             "rows, and keep it:")  # fmt: skip
    python = (
        "from maeum.classics import compare_table\n\n"
        f"found = compare_table({source!r}, {target!r})\n"
        'found.table(), found.ranking, found.difference("boosting")'
    )
    return next_chapter(said, [shlex.join(["maeum", "train", source, "--target", target])], python)
