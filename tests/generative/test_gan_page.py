"""The page of a GAN: its chapters, and what it says of copies."""

import numpy as np
import pytest

from maeum.generative import GAN, SampleHistory, write_report
from maeum.generative.figures import Rows
from maeum.generative.gan_figures import nearest

X = np.random.default_rng(0).random((40, 8, 8, 1)).astype("float32")


@pytest.fixture(scope="module")
def trained():
    model = GAN.convolutional((8, 8, 1), (4,), hidden=4, latent_size=2, seed=1)
    model.compile()
    kept = SampleHistory(count=3, every=2)
    model.fit(X, epochs=4, callbacks=[kept], verbose=0)
    return model, kept


def test_samples_are_kept_of_the_same_codes(trained):
    model, kept = trained
    assert kept.epochs == [0, 2, 4]
    np.testing.assert_array_equal(kept.samples[-1], model.sample(3, seed=0))
    assert np.abs(kept.samples[0] - kept.samples[1]).max() > 0


def test_the_page_has_all_chapters(trained, tmp_path):
    model, kept = trained
    path = write_report(model, X, tmp_path / "page.html", through_time=kept, source="digits")
    text = path.read_text("utf-8")
    for name in ("learning", "samples", "through-time", "interpolation", "nearest"):
        assert f'id="{name}"' in text
    assert "Loss of the discriminator" in text
    assert 'id="filters"' not in text
    assert 'id="through-time"' not in write_report(model, X, path).read_text("utf-8")


def test_copies_are_told(trained, monkeypatch):
    model, _kept = trained
    monkeypatch.setattr(model, "sample", lambda count, seed=None: X[5 : 5 + count])
    chapter = nearest(model, Rows(X, (8, 8, 1), None, None), 0)
    assert "16 of 16 samples are nearer than 0.5" in chapter.sections[1].text
    assert chapter.sections[2].images[0].lines == ["0.00"]
    monkeypatch.setattr(model, "sample", lambda count, seed=None: 1 - X[:count])
    chapter = nearest(model, Rows(X, (8, 8, 1), None, None), 0)
    assert "None is nearer" in chapter.sections[1].text
