"""Reviews whose words say what they are, and one training on them that many tests look at."""

import numpy as np
import pandas as pd
import pytest

from maeum.texts import train_text

GOOD = ["good", "lovely", "great", "nice", "adorable"]
BAD = ["bad", "ugly", "terrible", "dull", "awful"]
FILLERS = ["film", "the", "a", "plot", "was", "really", "and", "quite", "actor", "music"]


def made_reviews(n=160, seed=0):
    random = np.random.default_rng(seed)
    rows = []
    for i in range(n):
        words = [*random.choice(FILLERS, 5), random.choice(GOOD if i % 2 else BAD)]
        rows.append((" ".join(random.permutation(words)), "pos" if i % 2 else "neg"))
    return pd.DataFrame(rows, columns=["review", "label"])


@pytest.fixture(scope="session")
def reviews():
    return made_reviews


@pytest.fixture(scope="session")
def table():
    return made_reviews()


@pytest.fixture(scope="session")
def trained(table):
    return train_text(table, "review", "label", epochs=4, seed=1)


@pytest.fixture
def folder(tmp_path):
    """A folder of class folders with text files, and a file that is none."""
    for i, row in enumerate(made_reviews(40).itertuples()):
        path = tmp_path / "films" / row.label / f"{i}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(row.review, encoding="utf-8")
    (tmp_path / "films" / "pos" / "notes.csv").write_text("x")
    return tmp_path / "films"
