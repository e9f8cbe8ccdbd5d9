import h5py
import numpy as np
import pandas as pd
import pytest

from maeum.core.errors import DataError
from maeum.images import ImageSet, read_images

PIXELS, LABELS = np.zeros((4, 5, 6), np.uint8), np.array([0, 1, 1, 0])


def test_every_source_is_known_by_its_kind(tmp_path, classes):
    top = classes(cat=2, dog=2)
    np.savez(tmp_path / "a.npz", x=PIXELS, y=LABELS)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["x"], file["y"] = PIXELS, LABELS
    header = bytes([0, 0, 8, 3, 0, 0, 0, 4, 0, 0, 0, 5, 0, 0, 0, 6])
    (tmp_path / "a-idx3-ubyte").write_bytes(header + PIXELS.tobytes())
    frame = pd.DataFrame({"path": ["cat/00.png", "dog/00.png"], "label": ["cat", "dog"]})
    frame.to_csv(top / "a.csv", index=False)
    for source in (top, str(top), tmp_path / "a.npz", tmp_path / "a.h5", (PIXELS, LABELS)):
        assert list(read_images(source).class_counts.values()) == [2, 2]
    assert len(read_images(tmp_path / "a-idx3-ubyte")) == 4
    assert read_images(top / "a.csv").class_names == ["cat", "dog"]
    assert read_images(frame, folder=top).class_names == ["cat", "dog"]
    whole = ImageSet(pixels=PIXELS)
    assert read_images(whole) is whole
    assert read_images(top, class_names=["dog", "cat"]).class_names == ["dog", "cat"]


def test_what_holds_no_pictures_is_refused(tmp_path, save):
    with pytest.raises(DataError, match="is one picture"):
        read_images(save("a.png"))
    with pytest.raises(DataError, match="no such folder"):
        read_images(tmp_path / "no")
    with pytest.raises(DataError, match="got int"):
        read_images(3)
