"""The page of a model: what is on it, for images and for tables."""

import base64
import io

import numpy as np
import pytest
from PIL import Image as Pillow

import maeum as mm
from maeum.core.errors import ConfigError, ShapeError
from maeum.generative import RBM, VAE, Autoencoder, DeepBeliefNetwork, figures, write_report
from maeum.generative.figures import Rows
from maeum.report.sections import to_json

rng = np.random.default_rng(0)
IMAGES = rng.random((30, 6, 5)).astype("float32")
TABLE = rng.normal(size=(40, 4)).astype("float32")


@pytest.fixture(scope="module")
def vae():
    model = VAE.dense((6, 5), (8, 2), output_activation="sigmoid", seed=1)
    model.compile("adam")
    model.fit(IMAGES, epochs=2, verbose=0)
    return model


@pytest.fixture(scope="module")
def rbm():
    model = RBM(9, seed=1)
    model.build((None, 30))
    return model


def decoded(image):
    """Return the pixels of an image of a page."""
    data = image.src.partition("base64,")[2]
    return np.asarray(Pillow.open(io.BytesIO(base64.b64decode(data))))


def test_the_page_of_images_has_all_chapters(vae, tmp_path):
    path = write_report(vae, IMAGES, tmp_path / "page.html", labels=np.arange(30) % 3, source="<x>")
    text = path.read_text("utf-8")
    for name in ("learning", "reconstructions", "unusual", "codes", "samples"):
        assert f'id="{name}"' in text
    assert "&lt;x&gt;" in text
    assert "<x>" not in text


def test_the_page_of_boltzmann_machines_has_their_filters(rbm, tmp_path):
    flat = IMAGES.reshape(30, -1)
    deep = DeepBeliefNetwork([30, 4, 3], seed=1)
    for model in (rbm, deep):
        text = write_report(model, flat, tmp_path / "page.html", image_shape=(6, 5)).read_text()
        assert 'id="filters"' in text
        assert 'id="samples"' in text
        assert 'id="learning"' not in text  # it was not trained


def test_a_pair_shows_the_data_and_what_became_of_them(vae):
    data = Rows(IMAGES, (6, 5), None, None)
    again = vae.reconstruct(IMAGES)
    shown = figures.reconstructions(data, again).sections[1].images[3]
    pixels = decoded(shown)
    assert pixels.shape == (6, 11)
    low, high = IMAGES.min(), IMAGES.max()
    np.testing.assert_allclose(pixels[:, :5], 255 * (IMAGES[3] - low) / (high - low), atol=0.51)
    np.testing.assert_allclose(pixels[:, 6:], 255 * (again[3] - low) / (high - low), atol=0.51)


def test_the_walk_decodes_the_places_of_the_map(vae):
    chapter = figures.codes(vae, Rows(IMAGES, (6, 5), None, None), vae.anomaly_scores(IMAGES))
    points, walk = chapter.sections[1:]
    codes = vae.encode(IMAGES)
    np.testing.assert_allclose(np.stack([points.views[0].x, points.views[0].y], 1), codes)
    places = float(walk.names[0]), float(walk.sections[0].images[0].lines[0])
    corner = np.quantile(codes[:, 0], 0.02), np.quantile(codes[:, 1], 0.98)
    np.testing.assert_allclose(places, corner, atol=0.006)
    expected = Rows(IMAGES, (6, 5), None, None).pixels(vae.decode(np.array([corner]))[0])
    np.testing.assert_allclose(decoded(walk.sections[0].images[0]), expected, atol=1.01)


def test_unusual_rows_of_a_table_tell_their_columns(tmp_path):
    model = Autoencoder.dense(4, (3,), seed=1)
    again = TABLE.copy()
    again[7] += [0, 3, 0, -1]
    entries = (again - TABLE) ** 2
    data = Rows(TABLE, None, None, ["a", "b", "c", "d"])
    chapter = figures.unusual(data, again, entries.mean(1), entries)
    first = chapter.sections[1].rows[0]
    assert first[0] == "8"
    assert first[2].startswith("b: ")
    assert "; d: " in first[2]
    assert to_json(chapter)["name"] == "unusual"
    text = write_report(model, TABLE, tmp_path / "page.html", labels=["x"] * 40).read_text()
    assert 'id="reconstructions"' not in text  # a table is no image


def test_codes_of_other_sizes_are_shown_by_their_components():
    for size in (1, 3):
        model = Autoencoder.dense(4, (size,), seed=1)
        chapter = figures.codes(model, Rows(TABLE, None, None, None), model.anomaly_scores(TABLE))
        view = chapter.sections[1].views[0]
        codes = model.encode(TABLE)
        first = np.linalg.svd(codes - codes.mean(0), full_matrices=False)
        np.testing.assert_allclose(np.abs(view.x), np.abs(first[0][:, 0] * first[1][0]), rtol=1e-3)


def test_bad_input_is_told(vae, rbm, tmp_path):
    with pytest.raises(ConfigError, match=r"a model of maeum\.generative"):
        write_report(mm.Sequential(), IMAGES, tmp_path / "page.html")
    with pytest.raises(ShapeError, match="x has 30 rows, labels 2"):
        write_report(vae, IMAGES, tmp_path / "page.html", labels=[1, 2])
    flat = IMAGES.reshape(30, -1)
    with pytest.raises(ShapeError, match=r"image_shape=\(3, 3\) does not have as many entries"):
        write_report(rbm, flat, tmp_path / "page.html", image_shape=(3, 3))
    assert not list(tmp_path.iterdir())
