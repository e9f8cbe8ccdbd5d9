"""Grid search: every combination, in order."""

from __future__ import annotations

from typing import Any

from maeum.tuner.oracle import Oracle
from maeum.tuner.trial import TrialStatus


class GridSearchOracle(Oracle):
    """Every combination of the values: the defaults first, the last hyper-parameter fastest.

    Of a range without steps there are ten values, spread evenly.
    """

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        """Return the combination behind that of the trial before."""
        if not self.trials:
            return {"status": TrialStatus.RUNNING, "values": self.values_of(lambda hp: hp.default)}
        values: dict[str, Any] | None = list(self.trials.values())[-1].values
        while values is not None:
            values = self._behind(values)
            if values is not None and not self.was_tried(values):
                return {"status": TrialStatus.RUNNING, "values": values}
        return {"status": TrialStatus.STOPPED}

    def _behind(self, values: dict[str, Any]) -> dict[str, Any] | None:
        """Return the next combination; None behind the last."""
        found = self.get_space()
        found.values = dict(values)
        for each in reversed(found.space):
            if not found.is_active(each):
                continue
            order = [each.default, *(value for value in each.values if value != each.default)]
            current = found.values.get(each.name, each.default)
            place = order.index(current) + 1 if current in order else len(order)
            if place < len(order):
                found.values[each.name] = order[place]
                found.ensure_active_values()
                return found.values
            found.values[each.name] = each.default
        return None
