"""Boston housing: prices of 506 districts (Harrison & Rubinfeld, 1978).

One of its columns, "B", is made from the fraction of Black inhabitants, on the assumption that
prices follow segregation. It is here for code that uses it, and to show what is wrong with it;
learn with `maeum.datasets.california_housing`.
"""

from __future__ import annotations

from maeum.datasets.archives import located
from maeum.datasets.files import SOURCE, DataFile, Split
from maeum.datasets.shuffling import read_table, split_at

FILES = (
    DataFile(
        "boston_housing.npz",
        "sha256:f553886a1f8d56431e820c5b82552d9d95cfcb96d1e678153f8839538947dff5",
        (f"{SOURCE}boston_housing.npz",),
        ("boston_housing",),
    ),
)
FEATURE_NAMES = (
    "CRIM", "ZN", "INDUS", "CHAS", "NOX", "RM", "AGE", "DIS", "RAD", "TAX", "PTRATIO", "B", "LSTAT",
)  # fmt: skip


def load_data(
    path: str = "boston_housing.npz", test_split: float = 0.2, seed: int = 113
) -> tuple[Split, Split]:
    """Return ``(x_train, y_train), (x_test, y_test)``: 404 and 102 districts.

    Features are of shape ``(n, 13)``, in the order of `FEATURE_NAMES`; targets of shape ``(n,)``
    are median prices in 1,000 dollars. The rows and their order are Keras's.

    Args:
        path: an archive of yours with the arrays x and y; the usual file is taken unless it is
            there.
        test_split: the fraction of the rows to test with, from 0, below 1.
        seed: for the order of the rows.

    Raises:
        ConfigError: for another ``test_split``.
        DataError: if the file is not here and cannot be downloaded, or is damaged.
    """
    split_at(0, test_split)  # checks it, before anything is downloaded
    return read_table(located(path, FILES[0]), len(FEATURE_NAMES), test_split, seed)
