"""California housing: prices of 20,640 districts in the census of 1990 (Pace & Barry, 1997)."""

from __future__ import annotations

from maeum.core.checks import check_choice
from maeum.datasets.archives import located
from maeum.datasets.files import SOURCE, DataFile, Split
from maeum.datasets.shuffling import read_table, split_at

FILES = (
    DataFile(
        "california_housing.npz",
        "sha256:1a2e3a52e0398de6463aebe6f4a8da34fb21fbb6b934cf88c3425e766f2a1a6f",
        (f"{SOURCE}california_housing.npz",),
        ("california_housing",),
    ),
)
FEATURE_NAMES = (
    "MedInc", "HouseAge", "AveRooms", "AveBedrms", "Population", "AveOccup", "Latitude",
    "Longitude",
)  # fmt: skip
_ROWS = {"large": None, "small": 600}


def load_data(
    version: str = "large",
    path: str = "california_housing.npz",
    test_split: float = 0.2,
    seed: int = 113,
) -> tuple[Split, Split]:
    """Return ``(x_train, y_train), (x_test, y_test)``: 16,512 and 4,128 districts.

    Features are of shape ``(n, 8)``, with the names `FEATURE_NAMES`; targets of shape ``(n,)`` are
    median prices in dollars. The rows and their order are Keras's.

    Args:
        version: ``"large"``, or ``"small"`` for 600 districts, 480 and 120.
        path: an archive of yours with the arrays x and y; the usual file is taken unless it is
            there.
        test_split: the fraction of the rows to test with, from 0, below 1.
        seed: for the order of the rows.

    Raises:
        ConfigError: for another ``version`` or ``test_split``.
        DataError: if the file is not here and cannot be downloaded, or is damaged.
    """
    check_choice(version, _ROWS, "version")
    split_at(0, test_split)  # checks it, before anything is downloaded
    path_found = located(path, FILES[0])
    return read_table(path_found, len(FEATURE_NAMES), test_split, seed, _ROWS[version])
