"""Music from files to a network that makes more: trained, told, kept, gone on with, refused."""

import json
import signal

import numpy as np
import pytest

import maeum as mm
from maeum.core.errors import ConfigError
from maeum.experiment.files import write_results
from maeum.experiment.task import open_model, task_for
from maeum.generative.music import MusicModel, train_music
from maeum.generative.music.task import MusicTask
from maeum.language.baselines import bigram_probabilities
from maeum.music import Piece, Track, read_midi, read_wav, write_midi

from ...cli.conftest import refuse, run
from ...pages import check

TINY = {
    "network": "lstm", "units": 16, "epochs": 6, "window": 16, "transpose": 1, "bars": 2,
    "learning_rate": 0.02,
}  # fmt: skip
refuse = refuse  # the fixture


def piece(seed, bars=6):
    rng = np.random.default_rng(seed)
    melody = [(int(p), 480 * n, 480, 80) for n, p in enumerate(rng.choice([60, 62, 64], 4 * bars))]
    bass = [(40 + 2 * (n % 3), 1920 * n, 1920, 80) for n in range(bars)]
    return Piece([Track(melody, "melody", 73), Track(bass, "bass", 33)], tempos=[(0, 90)])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("music") / "midi"
    for seed in range(8):
        write_midi(piece(seed), place / ("below" if seed % 2 else ".") / f"{seed}.mid")
    (place / "broken.mid").write_bytes(b"MThd\0\0")
    return place


@pytest.fixture(scope="module")
def trained(folder):
    return train_music(folder, steps_per_beat=1, **TINY)


@pytest.fixture(scope="module")
def gan(folder):
    chosen = {**TINY, "network": "gan", "units": 8, "epochs": 2}
    for name in ("window", "transpose"):
        chosen.pop(name)
    return train_music(folder, steps_per_beat=1, **chosen)


@pytest.fixture(scope="module")
def results(trained, tmp_path_factory):
    place = tmp_path_factory.mktemp("results")
    return place, write_results(trained, place)


def test_whole_pieces_are_held_out_and_broken_files_are_told(trained):
    assert trained.run.rows == {"train": 6, "validation": 1, "test": 1}
    assert any("broken.mid" in note for note in trained.run.notes)


def test_the_likelihood_is_that_of_all_tokens_of_a_step(trained):
    run, model = trained.run, trained.model
    total = 0.0
    for each in run.data.test:
        tokens = model.layout.encode(each)
        p = model.network.predict(tokens[None, :-1], verbose=0)[0].astype(float)
        total -= np.log(p[np.arange(len(tokens) - 1), tokens[1:]]).sum()
    assert run.metrics["nats_per_step"] == pytest.approx(total / 24, rel=1e-4)
    count = sum(len(model.layout.encode(each)) - 1 for each in run.data.test)
    assert run.metrics["perplexity"] == pytest.approx(np.exp(total / count), rel=1e-4)


def test_it_is_compared_with_counts_and_with_notes_by_frequency(trained):
    names = [model["name"] for model in trained.run.models]
    assert names[1:] == ["Bigram frequencies", "Unigram frequencies", "Notes by frequency"]
    data = trained.run.data
    rows, [held] = data.tokens(data.train), data.tokens(data.test)
    before = np.concatenate([row[:-1] for row in rows])
    after = np.concatenate([row[1:] for row in rows])
    p = bigram_probabilities(before, after, held[:-1], held[1:], len(data.layout.vocabulary))
    wanted = -np.log(p).sum() / 24
    assert trained.run.models[1]["metrics"]["nats_per_step"] == pytest.approx(wanted)


def test_the_report_plays_and_the_figures_stand_beside_the_data(results, trained):
    place, paths = results
    page = paths["report"].read_text("utf-8")
    check(page)
    for said in ("Made: piece 1", "Held out: the beginning", "Tonal distance of tracks",
                 "Learnt or copied?", "broken.mid"):  # fmt: skip
        assert said in page
    kept = json.loads(paths["metrics"].read_text())
    assert set(kept["measures"]) == {"made", "data", "by_frequency", "distance"}
    assert kept["measures"]["data"]["polyphony"] == 0.0
    assert len(kept["copies"]["overlap"]) == len(trained.run.phrases)
    assert sorted(file.name for file in place.iterdir()) == [
        "history.csv", "metrics.json", "model.maeum", "report.html"]  # fmt: skip


def test_a_model_file_makes_the_same_music(results, trained):
    again = open_model(results[1]["model"])
    assert isinstance(again, MusicModel)
    made = again.compose(3, 2, seed=1)
    assert made == trained.model.compose(3, 2, seed=1)
    assert made[0].tempo == pytest.approx(90)
    assert [track.name for track in made[0].tracks] == ["melody", "bass"]
    assert max(each.end for each in made) <= 3 * 4 * 480
    with pytest.raises(ConfigError, match="maeum generate"):
        again.predict("x.mid")


def test_other_music_can_be_measured(trained, tmp_path):
    write_midi(piece(99), tmp_path / "new.mid")
    found = trained.model.evaluate(tmp_path / "new.mid", steps_per_beat=1)
    assert found["rows"] == 1
    assert {"nats_per_step", "perplexity", "measure_error"} <= set(found)


def test_a_gan_makes_phrases_and_its_report_says_so(gan, tmp_path):
    run = gan.run
    assert run.rows == {"train": 7, "test": 1}
    assert set(run.metrics) == {"measure_error"}
    assert run.phrases.shape[1:3] == (2, 4)
    paths = write_results(gan, tmp_path)
    check(paths["report"].read_text("utf-8"))
    model = open_model(paths["model"])
    [made] = model.compose(5, 1, seed=2, tempo=70)
    assert made == gan.model.compose(5, 1, seed=2, tempo=70)[0]
    assert made.tempo == 70
    assert made.end <= 5 * 4 * 480
    assert run.made["polyphony"] == 0.0  # both tracks are voices


def test_generate_writes_midi_sound_and_a_page(results, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    model = results[1]["model"]
    for number in range(2):
        ran = run("generate", model, "--bars", "2", "--count", "2", "--seed", "4", "--tempo", "80")
        assert ran.code == 0, ran
        place = tmp_path / ("maeum-music" if not number else "maeum-music-2")
        assert str(place.name) in ran.out
        names = {file.name for file in place.iterdir()}
        assert names == {"piece-1.mid", "piece-1.wav", "piece-2.mid", "piece-2.wav", "page.html"}
        check((place / "page.html").read_text("utf-8"))
    parts = [tmp_path / name / "piece-1.mid" for name in ("maeum-music", "maeum-music-2")]
    assert parts[0].read_bytes() == parts[1].read_bytes()
    made = read_midi(parts[0])
    assert made.tempo == pytest.approx(80)
    sound, rate = read_wav(parts[0].with_suffix(".wav"))
    assert len(sound) / rate >= made.duration - 0.01


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--bars", "0"], "bars"),
        (["--tempo", "0"], "tempo"),
        (["--length", "9"], "--length is for language models"),
        (["--soundfont", "none.sf2"], ""),
        (["--out", "file/below"], "cannot be written to"),
    ],
)
def test_what_cannot_be_made_is_refused(results, refuse, tmp_path, options, said):
    (tmp_path / "file").write_text("x")
    assert said in refuse("generate", results[1]["model"], *options)


def test_the_command_trains_on_chorales(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    chords = rng.choice(range(50, 70), (6, 24, 3)).tolist()
    (tmp_path / "chorales.json").write_text(json.dumps({"train": chords[:4], "test": chords[4:]}))
    options = ["--task", "generate", "--network", "gru", "--epochs", "1", "--units", "4"]
    ran = run("train", "chorales.json", *options, "--out", "o", "--bars", "2")
    assert ran.code == 0, ran
    assert "4 to train and 2 to test" in ran.out
    assert json.loads((tmp_path / "o" / "metrics.json").read_text())["measured_on"] == "test"


def damaged(path):
    (path / "x.mid").write_bytes(b"MThd\0\0\0\6\0\1\0\1\1\xe0MTrk\0\0\0\4\0\x90")


def empty(path):
    (path / "x.mid").write_bytes(b"")


def huge(path):
    (path / "x.mid").write_bytes(b"MThd" + bytes(3 * 2**20))


@pytest.mark.parametrize(
    ("write", "said"), [(damaged, "damaged"), (empty, "is empty"), (huge, "larger than")]
)
def test_files_that_are_no_music_are_refused(tmp_path, refuse, write, said):
    write(tmp_path)
    assert said in refuse("train", "x.mid")
    (tmp_path / "folder").mkdir()
    (tmp_path / "x.mid").rename(tmp_path / "folder" / "x.mid")
    assert "None of the 1 MIDI files" in refuse("train", "folder", "--task", "generate")


@pytest.mark.parametrize("content", ['{"a": 1}', "[[1, 2], [3]]", "{", '{"train": []}'])
def test_json_that_is_something_else_is_refused(tmp_path, refuse, content):
    (tmp_path / "x.json").write_text(content)
    assert "x.json" in refuse("train", "x.json", "--task", "generate")


def test_a_folder_without_midi_is_refused(tmp_path, refuse):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "notes.txt").write_text("la la la")
    assert "folder" in refuse("train", "folder", "--task", "generate")


def test_options_of_others_are_refused_for_music(folder, refuse):
    assert "--target is for" in refuse("train", folder, "--target", "x")
    assert "bars" in refuse("train", folder, "--bars", "0")


def test_paths_are_recognised(folder, tmp_path):
    (tmp_path / "a.json").write_text("{}")
    assert isinstance(task_for(folder, {}), MusicTask)
    assert isinstance(task_for(folder / "0.mid", {}), MusicTask)
    assert isinstance(task_for(tmp_path / "a.json", {"task": "generate"}), MusicTask)
    assert not MusicTask().recognises(tmp_path / "a.json", {})


def test_drums_alone_and_music_without_tempo_are_learnt(tmp_path):
    beats = [(36 + 2 * (n % 2), 480 * n, 120, 80) for n in range(32)]
    pieces = [Piece([Track(beats, is_drum=True)])] * 5
    trained = train_music(pieces, steps_per_beat=2, report=True, **TINY)
    assert set(trained.run.real) == {"empty_bars", "drum_pattern"}
    paths = write_results(trained, tmp_path)
    check(paths["report"].read_text("utf-8"))
    assert all(track.is_drum for track in trained.model.compose(2, seed=1)[0].tracks)


def test_one_phrase_is_too_few_for_a_gan(tmp_path, refuse):
    write_midi(piece(0, bars=4), tmp_path / "one.mid")
    assert "only one phrase of 4 bars" in refuse("train", "one.mid")
    assert "No piece has 9 bars" in refuse("train", "one.mid", "--bars", "9")


def test_ctrl_c_keeps_what_was_learnt_and_the_training_goes_on(folder, trained, tmp_path):
    class Stop(mm.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 1:
                signal.raise_signal(signal.SIGINT)

    chosen = {**TINY, "steps_per_beat": 1, "report": False, "backup": tmp_path}
    first = train_music(folder, callbacks=[Stop()], **chosen)
    assert first.interrupted
    assert len(first.run.history["loss"]) == 2
    assert len(first.model.compose(2, 1, seed=1)) == 1
    again = train_music(folder, **chosen)
    assert again.run.history["loss"] == trained.run.history["loss"]
    for one, other in zip(again.model.network.get_weights(), trained.model.network.get_weights()):
        np.testing.assert_array_equal(one, other)
