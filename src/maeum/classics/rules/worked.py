"""How to read the measures, worked through with a rule and baskets of the user's own."""

from __future__ import annotations

import math

import numpy as np

from maeum.classics.rules.baskets import Baskets
from maeum.classics.rules.finding import FoundRules
from maeum.classics.rules.sentences import arrow, side, times
from maeum.core.messages import _
from maeum.core.wording import shorten
from maeum.report.sections import Chapter, Grid, Section, Table, Terms, Text
from maeum.report.wording import number, percent

_BASKETS = 3  # of each kind that are shown
_ITEMS = 12  # of a basket that are shown


def reading_chapter(found: FoundRules) -> Chapter:
    """Return what support, confidence and lift say, of the best rule."""
    rules = found.best(1)
    n, a, c = len(found.baskets), int(rules.antecedent_counts[0]), int(rules.consequent_counts[0])
    both = int(rules.counts[0])
    one, other = side(rules, rules.antecedents[0]), side(rules, rules.consequents[0])
    table = Table(
        _("Counted in the baskets"),
        ["", _("with {items}", items=other), _("without"), _("all")],
        [[_("with {items}", items=one), f"{both:,}", f"{a - both:,}", f"{a:,}"],
         [_("without"), f"{c - both:,}", f"{n - a - c + both:,}", f"{n - a:,}"],
         [_("all"), f"{c:,}", f"{n - c:,}", f"{n:,}"]],
        style="two numbers", named=True,
    )  # fmt: skip
    confidence, usual = percent(both / a), percent(c / n)
    conviction = rules.conviction[0]
    terms = [
        (_("Support"), f"{both:,} / {n:,} = {percent(both / n)}",
         _("how much of all baskets the rule is about: those with both sides")),
        (_("Confidence"), f"{both:,} / {a:,} = {confidence}",
         _("of the baskets with {one}, so many hold {other}, too", one=one, other=other)),
        (_("Lift"), f"{confidence} / {usual} = {times(rules.lift[0])}",
         _("in all baskets {other} is in {usual}: so many times as often it is beside {one}. 1 "
           "says nothing, below 1 they avoid each other", other=other, usual=usual, one=one)),
        (_("Leverage"), f"{percent(both / n)} − {percent(a / n)} × {usual}"
         f" = {number(rules.leverage[0], 3)}",
         _("the support beyond chance; of all baskets, {n} more than expected",
           n=number(rules.leverage[0] * n, 3))),
        (_("Conviction"), "∞" if math.isinf(conviction) else times(conviction),
         _("so many times as often the rule would fail by chance")),
    ]  # fmt: skip
    said = _("A confidence alone deceives: what is in most baskets is beside anything. Lift "
             "compares it with that. Here with the rule {rule}:", rule=arrow(rules, 0))  # fmt: skip
    sections: list[Section] = [Text(said), Grid([table]), Terms(terms), _rows(found)]
    return Chapter("reading", _("How to read it"), sections)


def _rows(found: FoundRules) -> Table:
    """Some baskets for which the rule holds, and some for which it does not."""
    rules, baskets = found.best(1), found.baskets
    items = found.itemsets.items
    one = [str(items[code]) for code in rules.antecedents[0]]
    other = [str(items[code]) for code in rules.consequents[0]]
    with_one, with_other = holding(baskets, one), holding(baskets, other)
    rows = []
    for said, which in (
        (_("holds"), with_one & with_other),
        (_("fails"), with_one & ~with_other),
        (_("says nothing"), ~with_one & with_other),
    ):
        for number_ in np.flatnonzero(which)[:_BASKETS].tolist():
            held = sorted(map(str, baskets.basket(number_)),
                          key=lambda name: (name not in one, name not in other))  # fmt: skip
            listed = ", ".join(shorten(name, 30) for name in held[:_ITEMS])
            name = baskets.names[number_] if baskets.names else f"{number_ + 1:,}"
            rows.append([name, listed + (" …" if len(held) > _ITEMS else ""), said])
    head = [_("Basket"), _("Items"), _("The rule")]
    return Table(_("Baskets for and against it"), head, rows)


def holding(baskets: Baskets, names: list[str]) -> np.ndarray:
    """Return which baskets hold all of some items, ``(n,)`` of bool."""
    wanted = [code for code, item in enumerate(baskets.items) if str(item) in names]
    basket = np.repeat(np.arange(len(baskets)), baskets.sizes)
    held = np.bincount(basket[np.isin(baskets.codes, wanted)], minlength=len(baskets))
    return held == len(names)
