"""Apriori's steps on the page, with the user's own items."""

from __future__ import annotations

from itertools import islice

from maeum.classics.rules.apriori import Set, Step, steps
from maeum.classics.rules.baskets import Baskets
from maeum.classics.rules.finding import FoundRules
from maeum.core.messages import _, ngettext
from maeum.core.wording import shorten
from maeum.report.sections import Chapter, Folded, Notes, Section, Table, Text

_MOST = 200_000  # candidates of a step
_EXAMPLES = 3


def steps_chapter(found: FoundRules) -> Chapter:
    """Return how Apriori finds the frequent itemsets, level by level."""
    taken = list(steps(found.baskets, found.min_count, found.options.max_length, _MOST))
    head = [_("Items"), _("Candidates"), _("pruned without counting"), _("counted"),
            _("too rare"), _("frequent")]  # fmt: skip
    rows = [
        [str(length), f"{step.joined:,}", f"{len(step.pruned):,}", f"{len(step.counted):,}",
         f"{len(step.counted) - len(step.frequent):,}", f"{len(step.frequent):,}"]
        for length, step in enumerate(taken, start=1)
    ]  # fmt: skip
    sections: list[Section] = [
        Text(_("A set of items can only be frequent if each of its parts is: who is in {n:,} "
               "baskets together is in at least as many alone. So Apriori (Agrawal and Srikant, "
               "1994) counts single items first, joins the frequent ones to pairs, the frequent "
               "pairs to triples, and so on. Candidates with a part that is too rare are pruned: "
               "they need no counting.", n=found.min_count)),
        Table(_("Level by level"), head, rows, style="wide numbers"),
    ]  # fmt: skip
    missing = len(found.itemsets.levels) - len(taken)
    if missing > 0:
        sections.append(Text(
            _("The next step would have more than {most:,} candidates. Eclat finds its frequent "
              "sets without listing them: it goes into depth, item by item, and intersects the "
              "sets of their baskets.", most=_MOST)
        ))  # fmt: skip
    for length, step in enumerate(taken, start=1):
        notes = _examples(found.baskets, step, found.min_count)
        if notes:
            title = ngettext(
                "Step with {n} item: examples", "Step with {n} items: examples", length
            )
            sections.append(Folded(title, [Notes(notes)]))
    sections.append(Text(
        _("The rules come last: each frequent set is divided into two sides in every way, and "
          "measured."), small=True,
    ))  # fmt: skip
    return Chapter("apriori", _("Apriori, step by step"), sections)


def _examples(baskets: Baskets, step: Step, least: int) -> list[str]:
    """Say what became of some candidates."""

    def named(codes: Set) -> str:
        return " + ".join(shorten(baskets.items[code], 30) for code in codes)

    by_count = sorted(step.counted.items(), key=lambda each: -each[1])
    told = [_("{set}: in {n:,} baskets, frequent", set=named(codes), n=n)
            for codes, n in by_count[:_EXAMPLES] if n >= least]  # fmt: skip
    rare = [(codes, n) for codes, n in by_count if n < least]
    told += [_("{set}: in {n:,} baskets, too rare (less than {least:,})", set=named(codes), n=n,
               least=least) for codes, n in rare[:_EXAMPLES]]  # fmt: skip
    told += [_("{set}: pruned, as {part} is too rare", set=named(codes), part=named(part))
             for codes, part in islice(step.pruned.items(), _EXAMPLES)]  # fmt: skip
    return told
