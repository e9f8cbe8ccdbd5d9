"""A folder of text files as batches."""

import numpy as np
import pytest

import maeum as mm
from maeum.core.errors import ConfigError, DataError
from maeum.layers.text_vectorization import TextVectorization
from maeum.utils import text_dataset_from_directory


@pytest.fixture
def folder(tmp_path):
    for label, words in (("bad", "awful terrible"), ("good", "lovely great")):
        (tmp_path / label).mkdir()
        for number in range(5):
            text = f"a {words.split()[number % 2]} film {number}"
            (tmp_path / label / f"{number}.txt").write_text(text, encoding="utf-8")
        (tmp_path / label / "notes.md").write_text("no text")
    return tmp_path


def test_files_classes_and_modes(folder, capsys):
    batches = text_dataset_from_directory(folder, batch_size=4, shuffle=False)
    assert "Found 10 files belonging to 2 classes." in capsys.readouterr().out
    assert batches.class_names == ["bad", "good"]
    texts, labels = (np.concatenate(parts) for parts in zip(*batches))
    assert texts[0] == "a awful film 0"
    assert labels.tolist() == [0] * 5 + [1] * 5
    options = {"shuffle": False, "verbose": False}
    _, hot = text_dataset_from_directory(folder, label_mode="categorical", **options)[0]
    np.testing.assert_array_equal(hot, np.eye(2)[labels])
    _, binary = text_dataset_from_directory(folder, label_mode="binary", **options)[0]
    assert binary.shape == (10, 1)
    cut = text_dataset_from_directory(folder, label_mode=None, max_length=3, **options)[0]
    assert cut.tolist() == ["a a", "a t"] * 2 + ["a a"] + ["a l", "a g"] * 2 + ["a l"]
    own = text_dataset_from_directory(folder, labels=list(range(10)), **options)[0][1]
    assert own.tolist() == list(range(10))
    turned = text_dataset_from_directory(folder, class_names=["good", "bad"], **options)
    assert turned[0][0][0] == "a lovely film 0"


def test_parts_are_those_of_keras(folder):
    """All files in order, shuffled by RandomState(seed); the last share is for validation."""
    options = {"seed": 3, "validation_split": 0.3, "verbose": False}
    both = text_dataset_from_directory(folder, subset="both", **options)
    alone = [
        text_dataset_from_directory(folder, subset=part, **options)
        for part in ("training", "validation")
    ]
    every = [str(folder / c / f"{n}.txt") for c in ("bad", "good") for n in range(5)]
    np.random.RandomState(3).shuffle(every)
    for parts in (both, alone):
        assert parts[0].file_paths == every[:7]
        assert parts[1].file_paths == every[7:]


def test_fit_takes_the_texts(folder):
    batches = text_dataset_from_directory(folder, batch_size=5, seed=1, verbose=False)
    vectorize = TextVectorization(output_sequence_length=4)
    vectorize.adapt(batches)
    model = mm.Sequential(
        [vectorize, mm.layers.Embedding(vectorize.vocabulary_size(), 4), mm.layers.Flatten(),
         mm.layers.Dense(1, activation="sigmoid")]
    )  # fmt: skip
    model.compile("adam", "binary_crossentropy")
    history = model.fit(batches, epochs=3, verbose=0, validation_data=batches)
    assert history.history["loss"][-1] < history.history["loss"][0]
    assert model.predict(batches).shape == (10, 1)


def test_bad_folders(folder, tmp_path):
    def read(**options):
        return text_dataset_from_directory(**{"directory": folder, "verbose": False, **options})

    with pytest.raises(DataError, match="There is no folder"):
        read(directory=tmp_path / "missing")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="no files"):
        read(directory=tmp_path / "empty")
    with pytest.raises(DataError, match=r"holds no such files \(.txt\)"):
        read(directory=tmp_path / "empty", labels=None)
    with pytest.raises(DataError, match="Did you mean 'good'"):
        read(class_names=["bad", "god"])
    with pytest.raises(DataError, match="for each of the 10 files"):
        read(labels=[0, 1])
    with pytest.raises(ConfigError, match="two classes"):
        read(directory=tmp_path / "good", label_mode="binary", labels=[0, 1, 2, 0, 1])
    with pytest.raises(ConfigError, match="go together"):
        read(validation_split=0.2)
    with pytest.raises(DataError, match="No files are left"):
        read(validation_split=0.01, subset="validation", seed=1)
    (folder / "bad" / "0.txt").write_bytes("très".encode("latin-1"))
    with pytest.raises(DataError, match="0xe8"):
        list(read())
    assert len(list(read(encoding="latin-1"))) == 1
