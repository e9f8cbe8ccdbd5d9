"""What ``maeum generate`` writes: files, a sheet and a walk, against the arrays themselves."""

import itertools

import numpy as np
import pytest
from PIL import Image

import maeum as mm
from maeum.core import names
from maeum.core.errors import ConfigError, SaveError
from maeum.experiment.task import open_model
from maeum.generative import VAE, Autoencoder, ConditionalVAE
from maeum.generative.images import ImageGenerator, MakingOptions
from maeum.layers import Dense

SMALL = {"code": 3, "output_activation": "sigmoid", "seed": 1}


@pytest.fixture(scope="module")
def plain():
    return ImageGenerator(VAE.convolutional((8, 8, 1), (4, 4), **SMALL))


@pytest.fixture(scope="module")
def labelled():
    network = ConditionalVAE.convolutional((8, 8, 3), (4, 4), classes=2, **SMALL)
    return ImageGenerator(network, ["cat / dog", "bird"])


@mm.register()
class Unknown(Dense):
    """A layer of the user's own, which the command does not know."""


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_files_are_the_samples_and_the_sheet_shows_them(plain, here):
    told = "".join(plain.make(MakingOptions(count=5, seed=3)))
    assert told.splitlines() == ["5 images: generated-images",
                                 "Sheet: generated-images/sheet.png",
                                 "Walk:  generated-images/walk.gif"]  # fmt: skip
    found = sorted((here / "generated-images").glob("image-*.png"))
    pixels = np.stack([np.asarray(Image.open(path)) for path in found])
    np.testing.assert_array_equal(pixels, np.rint(255 * plain.sample(5, seed=3))[..., 0])
    sheet = np.asarray(Image.open(here / "generated-images" / "sheet.png"))
    assert sheet.shape == (8 * 18, 8 * 28)  # 2 x 3 images, 2 pixels between, enlarged 8 times
    np.testing.assert_array_equal(sheet[::8, ::8][:8, 10:18], pixels[1])
    assert (sheet[10 * 8 :, 20 * 8 :] == 255).all()  # no sixth one


def test_the_walk_is_an_animation_that_loops_and_goes_evenly(plain, here):
    "".join(plain.make(MakingOptions(count=1, seed=3, out=here / "o")))
    walk = Image.open(here / "o" / "walk.gif")
    assert (walk.n_frames, walk.info["loop"]) == (60, 0)
    frames = []
    for n in range(walk.n_frames):
        walk.seek(n)
        frames.append(np.asarray(walk.convert("L"), float))
    steps = [np.abs(a - b).mean() for a, b in itertools.pairwise([*frames, frames[0]])]
    far = np.abs(frames[0] - frames[30]).mean()
    assert max(steps) < far  # the last one leads to the first as any other to the next


def test_the_same_seed_gives_the_same_and_temperature_the_usual(plain, here):
    for name in "ab":
        "".join(plain.make(MakingOptions(count=2, seed=1, walk=False, out=here / name)))
    one, two = ((here / name / "sheet.png").read_bytes() for name in "ab")
    assert one == two
    "".join(plain.make(MakingOptions(count=2, temperature=0, walk=False, out=here / "c")))
    first, second = ((here / "c" / f"image-{n}.png").read_bytes() for n in (1, 2))
    assert first == second


def test_labels_are_taken_in_turn_and_stand_in_the_names(labelled, here):
    "".join(labelled.make(MakingOptions(count=3, walk=False, seed=1)))
    names = sorted(path.name for path in (here / "generated-images").glob("image-*"))
    assert names == ["image-1-cat_dog.png", "image-2-bird.png", "image-3-cat_dog.png"]
    sheet = np.asarray(Image.open(here / "generated-images" / "sheet.png"))
    assert sheet.shape == (8 * 18, 8 * 18, 3)  # a column for each class
    "".join(labelled.make(MakingOptions(count=2, labels="bird", walk=False, seed=1)))
    found = sorted((here / "generated-images-2").glob("image-*"))
    assert [path.name for path in found] == ["image-1-bird.png", "image-2-bird.png"]
    expected = labelled.network.decode(labelled.network.draw_codes(2, 1), [1, 1])
    pixels = np.stack([np.asarray(Image.open(path)) for path in found])
    np.testing.assert_array_equal(pixels, np.rint(255 * expected))
    np.testing.assert_allclose(labelled.sample(2, "bird", seed=1), expected, rtol=1e-6)


def test_images_of_earlier_are_told(plain, here):
    for count in (3, 1):
        told = "".join(plain.make(MakingOptions(count=count, walk=False, out=here / "o")))
    assert "Besides, 2 images of an earlier run are there." in told


def test_what_cannot_be_made_is_refused(plain, labelled, here):
    with pytest.raises(ConfigError, match="count"):
        MakingOptions(count=0)
    with pytest.raises(ConfigError, match="knows no classes"):
        "".join(plain.make(MakingOptions(labels="cat")))
    with pytest.raises(ConfigError, match="'bird'"):
        "".join(labelled.make(MakingOptions(labels="brid")))
    (here / "file").write_text("")
    with pytest.raises(SaveError, match="--out"):
        "".join(plain.make(MakingOptions(out=here / "file" / "inside")))
    assert sorted(path.name for path in here.iterdir()) == ["file"]
    for refused in (plain.predict, plain.evaluate):
        with pytest.raises(ConfigError, match="makes images"):
            refused("x.png")


def test_a_model_that_was_saved_alone_makes_images_too(labelled, plain, monkeypatch):
    labelled.network.save("bare.maeum")
    found = open_model("bare.maeum")
    assert isinstance(found, ImageGenerator)
    assert found.classes == ["0", "1"]
    np.testing.assert_allclose(found.sample(1, "1", seed=1), labelled.sample(1, "bird", seed=1))
    plain.save("whole.maeum")
    assert open_model("whole.maeum").describe() == [
        "Makes images of 8x8 pixels, in grey",
        "It is a variational autoencoder, with latent codes of 3 numbers.",
    ]
    Autoencoder.dense(4, (2,)).save("other.maeum")
    mm.Sequential([mm.Input((2,)), Unknown(1)]).save("unknown.maeum")
    monkeypatch.delitem(names._users, "custom>Unknown")
    with pytest.raises(ValueError, match="does not say how raw data are prepared"):
        open_model("unknown.maeum")
    with pytest.raises(ValueError, match="does not say how raw data are prepared"):
        open_model("other.maeum")
    VAE.dense(4, (2,), output_activation="sigmoid").save("rows.maeum")  # which makes no images
    with pytest.raises(ValueError, match="does not say how raw data are prepared"):
        open_model("rows.maeum")
