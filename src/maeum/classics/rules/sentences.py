"""Rules in words, for the terminal and the page."""

from __future__ import annotations

from maeum.classics.rules.finding import FoundRules
from maeum.classics.rules.rules import Codes, Rules
from maeum.core.messages import _, ngettext
from maeum.core.wording import Things, enumeration, shorten
from maeum.report.sections import Table
from maeum.report.wording import duration, number, percent

RULES = Things("{n:,} rule", "{n:,} rules")
ITEMSETS = Things("{n:,} frequent itemset", "{n:,} frequent itemsets")
_WIDTH = 40  # columns of an item's name


def side(rules: Rules, codes: Codes) -> str:
    """Return the items of a side as a list in a sentence."""
    return enumeration([shorten(name, _WIDTH) for name in rules.names(codes)])


def arrow(rules: Rules, i: int) -> str:
    """Return a rule as its two sides."""
    sides = (rules.antecedents[i], rules.consequents[i])
    one, other = (", ".join(shorten(name, _WIDTH) for name in rules.names(s)) for s in sides)
    return f"{one} → {other}"


def sentence(rules: Rules, i: int) -> str:
    """Return a rule as a sentence."""
    share = rules.consequent_counts[i] / rules.baskets
    return _("{confidence} of the baskets with {antecedent} also hold {consequent}: {lift} times "
             "as often as in all baskets ({share}).",
             confidence=percent(rules.confidence[i], 0), share=percent(share, 0),
             antecedent=side(rules, rules.antecedents[i]),
             consequent=side(rules, rules.consequents[i]), lift=times(rules.lift[i]))  # fmt: skip


def times(lift: float) -> str:
    """Return how many times, with two digits behind the point at most.

    >>> times(2.1234), times(12.34), times(1.0)
    ('2.12', '12.3', '1')
    """
    return number(lift, 3)


def p_value(value: float) -> str:
    """Return a probability that may be very small.

    >>> p_value(0.0312), p_value(3e-9), p_value(0.0), p_value(1.0)
    ('0.031', '<0.0001', '<0.0001', '1')
    """
    return "<0.0001" if value < 1e-4 else number(value, 2)


def best_table(found: FoundRules, most: int) -> Table:
    """Return the rules to begin with as a table."""
    best = found.best(most)
    rows = [
        [arrow(best, i), percent(best.support[i]), percent(best.confidence[i]), times(best.lift[i])]
        for i in range(len(best))
    ]
    head = [_("Rule"), _("Support"), _("Confidence"), _("Lift")]
    return Table(_("The best rules"), head, rows, style="wide numbers")


def closing(found: FoundRules) -> list[str]:
    """Say what was found, and how much of it is beyond chance."""
    rules, options = found.rules, found.options
    said = _("{itemsets} and {rules} found in {time}.",
             itemsets=ITEMSETS.count(len(found.itemsets)), rules=RULES.count(len(rules)),
             time=duration(found.seconds))  # fmt: skip
    if not len(rules):
        if len(found.itemsets.levels) < 2:
            return [said, _("No two items are together in {n:,} baskets or more; lower "
                            "--min-support.", n=found.min_count)]  # fmt: skip
        return [said, _("No rule has a confidence of {confidence} and a lift of {lift}; lower "
                        "--min-confidence or --min-lift.", confidence=options.min_confidence,
                        lift=options.min_lift)]  # fmt: skip
    n = int(found.beyond_chance.sum())
    chance = _("None of the rules is beyond chance, when all rules that were possible are allowed "
               "for.")  # fmt: skip
    if n:
        chance = ngettext("{n:,} rule is beyond chance, also when all rules that were possible are "
                          "allowed for.",
                          "{n:,} rules are beyond chance, also when all rules that were possible "
                          "are allowed for.", n)  # fmt: skip
    return [said, chance, sentence(found.best(1), 0)]
