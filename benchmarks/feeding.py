"""Training from 10,000 JPEG files: how long the device waits for pictures.

Photograph-like files of 160x120 to 256x192 are read, resized to 64x64 and fed to a small CNN. One
epoch that decodes every file is timed beside one on the same pictures in memory: what it takes
longer is waiting, or processor time that decoding took away. A second way keeps what was decoded:
Maeum its file in the cache folder, Keras `cache()` in memory. And the files are decoded without
training. Keras prefetches in `image_dataset_from_directory`; PyTorch has two processes that decode
with Pillow, at a reduced size where that suffices (`draft`).
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import common

PICTURES, SIDE, BATCH = 10_000, 64, 64
FOLDER = "MAEUM_BENCHMARK_PICTURES"  # tells the workers where the files are


def work(peer: str) -> Iterator[dict]:
    import peers
    import pictures

    network = peers.make(peer, pictures.PHOTO_CNN)
    open_files = {"torch": from_torch, "maeum": from_maeum}.get(peer.split("-")[0], from_keras)
    files, kept, train = open_files(network, os.environ[FOLDER])
    arrays = in_memory(files)
    while True:
        measured = {
            "files": timed(lambda: train(files)),
            "memory": timed(lambda: network.fit(arrays)),
            "decoding": timed(lambda: [None for _ in files]),
        }
        if kept is not None:
            measured["kept"] = timed(lambda: train(kept))
        yield measured


def timed(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def in_memory(batches: Iterable) -> tuple[Any, Any]:
    import numpy as np

    x, y = zip(*((np.asarray(x).astype("uint8"), np.asarray(y)) for x, y in batches))
    return np.concatenate(x), np.concatenate(y).astype("int32")


def from_maeum(network: Any, folder: str) -> tuple[Any, Any, Callable]:
    from maeum.images import ImageLoader, read_folder

    def loader(**options: Any) -> Any:
        pictures = read_folder(folder)
        return ImageLoader(pictures, SIDE, BATCH, resize="stretch", shuffle=True, **options)

    def train(source: Any) -> None:
        network.model.fit(source, verbose=0)

    return loader(cache=False, memory_limit=0), loader(), train


def from_keras(network: Any, folder: str) -> tuple[Any, Any, Callable]:
    import keras
    import tensorflow as tf

    files = keras.utils.image_dataset_from_directory(
        folder, image_size=(SIDE, SIDE), batch_size=BATCH, verbose=False
    )

    def train(source: Any) -> None:
        network.model.fit(source, verbose=0)

    return files, files.cache().prefetch(tf.data.AUTOTUNE), train


def from_torch(network: Any, folder: str) -> tuple[Any, Any, Callable]:
    import numpy as np
    import torch
    from PIL import Image
    from torch.utils.data import DataLoader, Dataset

    class Files(Dataset):
        def __init__(self) -> None:
            self.paths = sorted(Path(folder).glob("*/*.jpg"))
            names = sorted({path.parent.name for path in self.paths})
            self.labels = [names.index(path.parent.name) for path in self.paths]

        def __len__(self) -> int:
            return len(self.paths)

        def __getitem__(self, row: int) -> tuple[Any, int]:
            with Image.open(self.paths[row]) as picture:
                picture.draft("RGB", (SIDE, SIDE))
                picture = picture.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BILINEAR)
            return torch.from_numpy(np.array(picture)), self.labels[row]

    files = DataLoader(Files(), BATCH, shuffle=True, num_workers=2, persistent_workers=True)
    return files, None, network.train


def make_pictures(folder: Path) -> None:
    """Write the files, one folder for each of ten classes: slopes, blurred spots and grain."""
    import numpy as np
    from PIL import Image

    grain = np.random.default_rng(0).normal(0, 6, (512, 512, 3)).astype("float32")
    for label in range(10):
        (folder / f"class{label}").mkdir()

    def write(number: int) -> None:
        rng = np.random.default_rng(number)
        width, height = int(rng.integers(160, 257)), int(rng.integers(120, 193))
        coarse = Image.fromarray(rng.integers(40, 216, (9, 12, 3)).astype("uint8"))
        picture = np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC), "float32")
        top, left = rng.integers(0, 512 - 256, 2)
        slope = np.linspace(-30, 30, width)[:, None] * (number % 10 - 4.5) / 4.5
        picture = picture + slope + grain[top : top + height, left : left + width]
        path = folder / f"class{number % 10}" / f"{number:05}.jpg"
        Image.fromarray(picture.clip(0, 255).astype("uint8")).save(path, quality=90)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(write, range(PICTURES)))


def report(options: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as top:
        folder = Path(top) / "pictures"
        folder.mkdir()
        make_pictures(folder)
        # Nothing of this stays in the user's cache.
        env = {FOLDER: str(folder), "XDG_CACHE_HOME": str(Path(top) / "cache"), "MAEUM_CACHE": ""}
        _, later, failed = common.interleaved(__file__, options, env)
    rows = []
    for peer, steps in later.items():
        files, memory, decoding = (common.median(steps, k) for k in ("files", "memory", "decoding"))
        kept = common.median(steps, "kept") if "kept" in steps[0] else None
        rows.append(
            [
                common.NAMES[peer],
                common.quantity(memory, "s"),
                common.quantity(files, "s"),
                f"{max(1 - memory / files, 0):.0%}",
                common.quantity(kept, "s") if kept else "",
                f"{max(1 - memory / kept, 0):.0%}" if kept else "",
                f"{PICTURES / decoding:,.0f}",
            ]
        )
    heads = [
        *("", "epoch in memory", "from files", "of it waiting", "kept after the first epoch"),
        *("of it waiting", "pictures decoded a second, alone"),
    ]
    title = f"{PICTURES:,} JPEG files to {SIDE}x{SIDE}, a small CNN, batch {BATCH}: one epoch"
    common.table(title, heads, rows, failed)


if __name__ == "__main__":
    common.main(__file__, work, report, rounds=2)
