"""The page of rules: baskets, rules, what is found together, how to read it, Apriori, chance."""

from __future__ import annotations

import math

import numpy as np

from maeum.classics.rules.finding import ERRORS, FoundRules
from maeum.classics.rules.levels import steps_chapter
from maeum.classics.rules.reading import BASKETS, ITEMS
from maeum.classics.rules.sentences import arrow, closing, p_value, sentence, side, times
from maeum.classics.rules.worked import reading_chapter
from maeum.core.messages import _
from maeum.core.wording import shorten
from maeum.report.charts import Axis, Cells, Chart, Steps
from maeum.report.sections import (
    Bar,
    Bars,
    Caution,
    Chapter,
    Grid,
    Heading,
    Notes,
    Page,
    Pairs,
    Section,
    Table,
    Text,
    Tile,
)
from maeum.report.wording import duration, more, number, percent

_SENTENCES = 12
_ROWS = 500  # of the table of rules
_BARS = 15
_MATRIX = 16  # items of the matrix of lifts
_DOUBTFUL = 8
_LEAST_CELLS = 1.25  # lifts nearer to 1 are left white


def page_of(found: FoundRules) -> Page:
    """Return the page of the rules that were found."""
    rules = found.rules
    headline = sentence(found.best(1), 0) if len(rules) else closing(found)[-1]
    beyond = int(found.beyond_chance.sum())
    source = shorten(found.read.name, 60)
    chapters = [_baskets(found)]
    if len(rules):
        chapters += [_rules(found), _together(found), reading_chapter(found)]
    chapters += [steps_chapter(found)]
    if len(rules):
        chapters += [_chance(found)]
    chapters += [_settings(found)]
    return Page(
        title=_("Rules of {source}", source=source),
        eyebrow=(source, _("association rules")),
        headline=headline,
        sentences=closing(found)[:2],
        tiles=[
            Tile(_("Baskets"), number(len(found.baskets)), _("rows of what is found together")),
            Tile(_("Items"), number(len(found.baskets.items)),
                 _("{n:,} of them frequent", n=len(found.itemsets.items))),
            Tile(_("Frequent itemsets"), number(len(found.itemsets)),
                 _("in {n:,} baskets or more", n=found.min_count)),
            Tile(_("Rules"), number(len(rules)), _("{n:,} of them beyond chance", n=beyond)),
        ],
        chapters=chapters,
    )  # fmt: skip


def _baskets(found: FoundRules) -> Chapter:
    baskets = found.baskets
    sizes = baskets.sizes
    top = min(int(np.quantile(sizes, 0.99)) + 1, int(sizes.max()))
    heights = np.bincount(np.minimum(sizes, top), minlength=top + 1) / len(sizes)
    edges = np.arange(top + 2) - 0.5
    caption = _("A basket holds {median} items in the middle, {largest} at most.",
                median=number(float(np.median(sizes))),
                largest=number(int(sizes.max())))  # fmt: skip
    if top < sizes.max():
        caption += " " + _("The last bar counts all baskets with {n:,} items or more.", n=top)
    chart = Chart(
        _("How many items a basket holds"), caption, [Steps(edges, heights)],
        Axis(_("items"), kind="whole", low=-0.5, high=top + 0.5),
        Axis(_("baskets"), low=0, kind="percent"), caption=caption,
    )  # fmt: skip
    counts = baskets.counts
    order = np.argsort(-counts, kind="stable")[:_BARS].tolist()
    bars = [
        Bar.of(shorten(baskets.items[code]), percent(counts[code] / len(baskets)),
               counts[code] / max(counts[order[0]], 1), note=f"{counts[code]:,}")
        for code in order
    ]  # fmt: skip
    rest = more(len(baskets.items) - len(bars))
    shown = Bars(_("The most frequent items"), bars, rest, style="two")
    said = _("{baskets} hold {items}. An item counts once in a basket, however often it is there.",
             baskets=BASKETS.count(len(baskets)),
             items=ITEMS.count(len(baskets.items)))  # fmt: skip
    return Chapter("baskets", _("The baskets"), [Text(said), Grid([chart, shown])])


def _rules(found: FoundRules) -> Chapter:
    best, rules = found.best(_SENTENCES), found.rules
    said = _("One for each set of items, those with the greatest lift first; without those that "
             "may be chance and those that a shorter rule says as well.")  # fmt: skip
    head = [_("Baskets with"), _("also hold"), _("Baskets"), _("Support"), _("Confidence"),
            _("Lift"), _("Leverage"), _("Conviction"), _("p-value")]  # fmt: skip
    rows = [
        [side(rules, rules.antecedents[i]), side(rules, rules.consequents[i]),
         f"{rules.counts[i]:,}", percent(rules.support[i]), percent(rules.confidence[i]),
         times(rules.lift[i]), number(rules.leverage[i], 3),
         "∞" if math.isinf(rules.conviction[i]) else number(rules.conviction[i], 3),
         p_value(rules.adjusted[i])]
        for i in range(min(len(rules), _ROWS))
    ]  # fmt: skip
    caption = _("The p-value allows for all rules that were possible; see “{chapter}”.",
                chapter=_("Could it be chance?"))  # fmt: skip
    if len(rules) > _ROWS:
        caption += " " + _("These are the {n:,} rules with the greatest lift; rules.csv has all.",
                           n=_ROWS)  # fmt: skip
    return Chapter("rules", _("The rules"), [
        Text(said), Notes([sentence(best, i) for i in range(len(best))]),
        Heading(_("All rules")),
        Table(_("All rules"), head, rows, caption=caption, style="wide rules", titled=False,
              searched=True),
    ])  # fmt: skip


def _together(found: FoundRules) -> Chapter:
    """A matrix of the lifts of the items that the most rules are about."""
    items = found.itemsets.items
    often = np.zeros(len(items))
    best = found.best(200)
    for place in range(len(best)):
        for code in best.antecedents[place] + best.consequents[place]:
            often[code] += 1
    single = found.itemsets.levels[0].counts
    chosen = np.lexsort((-single, -often))[:_MATRIX]
    chosen = chosen[often[chosen] > 0]
    baskets = found.baskets
    code_of = {item: code for code, item in enumerate(baskets.items)}
    flags = np.zeros((len(baskets), len(chosen)), np.float64)
    basket = np.repeat(np.arange(len(baskets)), baskets.sizes)
    for place, code in enumerate(chosen.tolist()):
        flags[basket[baskets.codes == code_of[items[code]]], place] = 1
    both = flags.T @ flags
    order = _neighbours(both / np.sqrt(np.outer(both.diagonal(), both.diagonal())))
    both, chosen = both[np.ix_(order, order)], chosen[order]
    expected = np.outer(both.diagonal(), both.diagonal()) / len(baskets)
    lift = both / expected
    with np.errstate(divide="ignore"):
        values = np.clip(np.log2(lift) / 3, -1, 1)
    values[(lift < _LEAST_CELLS) & (lift > 1 / _LEAST_CELLS)] = 0
    np.fill_diagonal(values, 0)
    names = [shorten(items[code], 20) for code in chosen.tolist()]
    told = [[_("{one} and {other}: in {n:,} baskets, {expected} by chance; lift {lift}", one=one,
               other=other, n=int(both[i, j]), expected=number(expected[i, j], 3),
               lift=times(lift[i, j])) for j, other in enumerate(names)]
            for i, one in enumerate(names)]  # fmt: skip
    alt = _("How many times as often two items are together as by chance.")
    caption = _("{alt} Orange: more often; blue: more seldom; the stronger the colour, the more. "
                "Point at a cell for its numbers.", alt=alt)  # fmt: skip
    chart = Chart(_("Two items together"), alt,
                  [Cells(names, values, names, told, written=False)], caption=caption,
                  style="wide", titled=False)  # fmt: skip
    said = _("The items that the best rules are about, those that are often together side by side.")
    return Chapter("together", _("What is found together"), [Text(said), chart])


def _neighbours(near: np.ndarray) -> np.ndarray:
    """Return an order in which each item stands beside the nearest one that is not placed yet."""
    near = near.copy()
    np.fill_diagonal(near, -1)
    order = [int(near.max(axis=1).argmax())] if len(near) else []
    while len(order) < len(near):
        rest = near[order[-1]].copy()
        rest[order] = -2
        order.append(int(rest.argmax()))
    return np.array(order, int)


def _chance(found: FoundRules) -> Chapter:
    from maeum.classics.rules.chance import tests

    rules, items = found.rules, len(found.itemsets.items)
    longest = min(found.options.max_length, items)
    possible = sum(tests(items, length) for length in range(2, longest + 1))
    plain, beyond = int((rules.p_values < ERRORS).sum()), int(found.beyond_chance.sum())
    sections: list[Section] = [
        Text(_("Who looks at many rules finds some that hold by chance. With {items:,} frequent "
               "items, {possible} pairs of two sides of up to {longest} items are possible; even "
               "if no item had anything to do with another, about one in twenty would have a "
               "p-value below 0.05.", items=items, longest=longest,
               possible=f"{possible:,.0f}" if possible < 1e9 else f"{possible:.1e}")),
        Text(_("So the p-value of each rule (Fisher's exact test: so many baskets with both sides, "
               "or more, if these had nothing to do with each other) is multiplied by how many "
               "rules of its length were possible, and by the number of lengths (Webb, 2008). The "
               "chance that any rule below 0.05 is then one of chance is at most 5%.")),
        Pairs(_("Of the rules found"), [
            (_("rules"), f"{len(rules):,}"),
            (_("p-value below 0.05, nothing allowed for"), f"{plain:,}"),
            (_("p-value below 0.05, all rules allowed for"), f"{beyond:,}"),
            (_("of these, with a confidence of five points more than each shorter rule"),
             f"{int((found.beyond_chance & found.says_more).sum()):,}"),
        ]),
    ]  # fmt: skip
    doubtful = np.flatnonzero(~found.beyond_chance)[:_DOUBTFUL].tolist()
    if doubtful:
        rows = [[arrow(rules, i), f"{rules.counts[i]:,}", times(rules.lift[i]),
                 p_value(rules.p_values[i]), p_value(rules.adjusted[i])]
                for i in doubtful]  # fmt: skip
        head = [_("Rule"), _("Baskets"), _("Lift"), _("p-value"), _("all allowed for")]
        caption = more(int((~found.beyond_chance).sum()) - len(rows))
        sections += [Heading(_("Great lifts that may be chance")),
                     Table(_("Great lifts that may be chance"), head, rows, caption=caption,
                           style="wide numbers", titled=False)]  # fmt: skip
    sections.append(Caution(
        _("A rule says what is found together in these baskets, not what causes what: who puts "
          "butter on offer need not sell more bread. It holds for baskets like these; a test on "
          "others, such as those of the next month, says whether it lasts.")
    ))  # fmt: skip
    return Chapter("chance", _("Could it be chance?"), sections)


def _settings(found: FoundRules) -> Chapter:
    options = found.options
    pairs = [
        ("min_support", f"{options.min_support:g}"
         + (_(" (chosen by the data)") if found.chosen else "")),
        ("min_confidence", f"{options.min_confidence:g}"),
        ("min_lift", f"{options.min_lift:g}"),
        ("max_length", str(options.max_length)),
        ("algorithm", options.algorithm),
        (_("itemsets, as estimated before"), number(found.expected.total, 2)),
        (_("itemsets, as found"), number(len(found.itemsets))),
        (_("time to find them"), duration(found.seconds)),
    ]  # fmt: skip
    files = Pairs(_("Files beside this page"), [
        ("rules.csv", _("all rules with all measures")),
        ("itemsets.csv", _("all frequent itemsets")),
    ])  # fmt: skip
    return Chapter("data", _("Data and settings"), [
        Notes(found.read.notes), Grid([Pairs(_("Settings"), pairs), files])])  # fmt: skip
