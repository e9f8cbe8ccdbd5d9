"""Make ``customers.csv``: 7,043 invented customers of a telephone company, some of whom leave.

The columns and their levels are those of the well-known churn table, and so are the traps in it: a
key that must not be learnt from, numbers with blanks among them, yes/no columns and categories.
The customers themselves come out of the random numbers below. Who leaves depends on how long a
customer has been there, on the contract, the connection and the bill, with enough chance left that
no model can be right about everybody (an area under the ROC curve of about 0.84 can be reached).

Run ``python examples/make_customers.py`` to write the file again, byte for byte. Only
``Random.random`` is used, whose numbers are the same in every version of Python.
"""

from __future__ import annotations

import csv
import math
import sys
from collections.abc import Mapping
from pathlib import Path
from random import Random

ROWS = 7043
NEW = 11  # customers in their first month: no total yet, the cell is blank
SEED = 20
LEVEL = -0.85  # sets how many leave: 26.5%
MONTHLY, YEAR, TWO_YEARS = "Month-to-month", "One year", "Two year"
FIBRE, DSL, OFFLINE = "Fiber optic", "DSL", "No"
CHECK, MAIL, BANK, CARD = (
    "Electronic check",
    "Mailed check",
    "Bank transfer (automatic)",
    "Credit card (automatic)",
)
CONNECTIONS = {
    MONTHLY: {FIBRE: 0.55, DSL: 0.32, OFFLINE: 0.13},
    YEAR: {FIBRE: 0.36, DSL: 0.39, OFFLINE: 0.25},
    TWO_YEARS: {FIBRE: 0.25, DSL: 0.37, OFFLINE: 0.38},
}
EXTRAS = {  # price, share of customers who take it, and how much likelier long contracts make it
    "OnlineSecurity": (5.0, 0.22, 0.30),
    "OnlineBackup": (5.0, 0.31, 0.22),
    "DeviceProtection": (5.0, 0.28, 0.30),
    "TechSupport": (5.0, 0.20, 0.36),
    "StreamingTV": (9.9, 0.40, 0.18),
    "StreamingMovies": (9.9, 0.40, 0.19),
}


class Dice:
    """The few distributions that are needed, from one stream of random numbers."""

    def __init__(self, seed: int):
        self.random = Random(seed).random

    def yes(self, probability: float) -> bool:
        return self.random() < probability

    def pick(self, shares: Mapping[str, float]) -> str:
        left = self.random() * sum(shares.values())
        for name, share in shares.items():
            left -= share
            if left < 0:
                return name
        return name

    def normal(self) -> float:
        """Nearly normal: the sum of twelve uniform numbers (exact in floating point everywhere)."""
        return sum(self.random() for _ in range(12)) - 6

    def key(self) -> str:
        digits = f"{int(self.random() * 10_000):04d}"
        return digits + "-" + "".join(chr(65 + int(self.random() * 26)) for _ in range(5))


def customer(dice: Dice, new: bool) -> dict[str, object]:
    """Invent one customer; ``new`` ones signed a long contract and have not paid yet."""
    contract = dice.pick({MONTHLY: 0.55, YEAR: 0.21, TWO_YEARS: 0.24})
    if new:
        contract = dice.pick({YEAR: 0.2, TWO_YEARS: 0.8})
    loyal = {MONTHLY: 0.0, YEAR: 0.6, TWO_YEARS: 1.0}[contract]
    tenure = 0 if new else months(dice, contract)
    seniority = tenure / 72
    senior = dice.yes(0.20 if contract == MONTHLY else 0.11)
    partner = dice.yes(0.29 + 0.45 * seniority)
    dependents = dice.yes((0.52 if partner else 0.09) * (0.3 if senior else 1.05))
    internet = dice.pick(CONNECTIONS[contract])
    phone = internet != DSL or dice.yes(0.72)
    lines = phone and dice.yes(0.14 + 0.50 * seniority + (0.16 if internet == FIBRE else -0.03))
    extras = {
        name: internet != OFFLINE and dice.yes(share + more * loyal + 0.32 * (seniority - 0.35))
        for name, (_, share, more) in EXTRAS.items()
    }
    paperless = dice.yes({FIBRE: 0.77, DSL: 0.56, OFFLINE: 0.29}[internet])
    automatic = 0.5 + loyal + seniority
    payment = dice.pick({
        CHECK: {FIBRE: 1.9, DSL: 1.0, OFFLINE: 0.25}[internet] * (1.25 - 0.75 * loyal),
        MAIL: {FIBRE: 0.3, DSL: 0.8, OFFLINE: 1.3}[internet],
        BANK: 0.5 * automatic,
        CARD: 0.5 * automatic,
    })  # fmt: skip
    monthly = {FIBRE: 49.8, DSL: 24.9, OFFLINE: 0.0}[internet] + 20.0 * phone + 5.0 * lines
    monthly += sum(EXTRAS[name][0] for name, taken in extras.items() if taken)
    monthly = round((monthly + 0.7 * dice.normal()) * 20) / 20  # prices end in 0 or 5
    total = monthly * tenure
    if tenure > 1:  # prices have changed over the months
        total *= 1 + 0.25 * dice.normal() / (4 + tenure)

    pull = LEVEL - 0.48 * math.log1p(tenure) + 0.5 * math.exp(-tenure / 4)
    pull += {MONTHLY: 0.75, YEAR: -0.1, TWO_YEARS: -1.15}[contract]
    pull += {FIBRE: 0.75, DSL: 0.0, OFFLINE: -0.9}[internet]
    pull += 0.40 * (payment == CHECK) + 0.30 * paperless + 0.25 * senior - 0.15 * dependents
    pull += 0.25 * lines + 0.20 * extras["StreamingTV"] + 0.20 * extras["StreamingMovies"]
    pull -= 0.35 * extras["OnlineSecurity"] + 0.35 * extras["TechSupport"]
    leaves = not new and dice.yes(1 / (1 + math.exp(-pull)))

    def word(taken: bool, available: bool, otherwise: str) -> str:
        return otherwise if not available else "Yes" if taken else "No"

    online = internet != OFFLINE
    return {
        "customerID": dice.key(),
        "gender": "Female" if dice.yes(0.5) else "Male",
        "SeniorCitizen": int(senior),
        "Partner": word(partner, True, ""),
        "Dependents": word(dependents, True, ""),
        "tenure": tenure,
        "PhoneService": word(phone, True, ""),
        "MultipleLines": word(lines, phone, "No phone service"),
        "InternetService": internet,
        **{name: word(taken, online, "No internet service") for name, taken in extras.items()},
        "Contract": contract,
        "PaperlessBilling": word(paperless, True, ""),
        "PaymentMethod": payment,
        "MonthlyCharges": f"{monthly:.2f}",
        "TotalCharges": f"{total:.2f}" if tenure else " ",
        "Churn": word(leaves, True, ""),
    }


def months(dice: Dice, contract: str) -> int:
    """How long a customer has been there: monthly contracts are young, two-year ones are old."""
    share = dice.random()
    if contract == MONTHLY:
        return 1 + int(72 * share**2.6)
    if contract == YEAR:
        return min(72, 1 + int(72 * (0.12 + 0.88 * share**0.9)))
    return min(72, 1 + int(72 * (1 - 0.92 * share**2.0)))


def main(path: Path) -> None:
    """Write the table to ``path``."""
    dice = Dice(SEED)
    new: set[int] = set()
    while len(new) < NEW:
        new.add(int(dice.random() * ROWS))
    rows: list[dict[str, object]] = []
    keys: set[object] = set()
    for i in range(ROWS):
        row = customer(dice, i in new)
        while row["customerID"] in keys:
            row["customerID"] = dice.key()
        keys.add(row["customerID"])
        rows.append(row)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("customers.csv"))
