"""Files that are no model, are damaged, or mean harm: a clear error, and nothing runs."""

import io
import json
import struct
import sys
import zipfile

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import maeum as mm
from maeum.core.errors import ModelFileError, UnknownNameError
from maeum.layers import Dense


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """Return the bytes of a good file."""
    path = tmp_path_factory.mktemp("good") / "m.maeum"
    model = mm.Sequential([mm.Input((3,)), Dense(2, name="d")])
    model.compile("adam", "mse")
    model.fit(np.ones((4, 3)), np.ones((4, 2)), verbose=0)
    model.save(path)
    return path.read_bytes()


def entries_of(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(entries, method=zipfile.ZIP_STORED):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return stream.getvalue()


def load(folder, data):
    path = folder / "bad.maeum"
    path.write_bytes(data)
    return mm.load_model(path)


def with_model(good, change):
    """Return the file with a changed model.json."""
    entries = entries_of(good)
    description = json.loads(entries["model.json"])
    change(description)
    return zipped({**entries, "model.json": json.dumps(description).encode()})


NO_MODELS = {
    "empty": b"",
    "text": b"row,column\n1,2\n" * 100,
    "pickle": b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00\x8c\x08builtins\x94.",
    "another archive": zipped({"readme.txt": b"hello"}),
    "empty archive": zipped({}),
    "hdf5": b"\x89HDF\r\n\x1a\n" + bytes(100),
}


@pytest.mark.parametrize("kind", NO_MODELS)
def test_a_file_that_is_no_model(kind, tmp_path):
    with pytest.raises(ModelFileError, match=r"bad\.maeum"):
        load(tmp_path, NO_MODELS[kind])


def test_no_file_names_the_nearest(tmp_path):
    (tmp_path / "churn.maeum").write_bytes(b"")
    with pytest.raises(ModelFileError, match=r"Did you mean 'churn.maeum'"):
        mm.load_model(tmp_path / "chrun.maeum")
    with pytest.raises(ModelFileError, match=r"a folder, .*It holds .*churn\.maeum"):
        mm.load_model(tmp_path)
    with pytest.raises(ValueError, match="no model file"):
        mm.load_model(tmp_path / "nowhere" / "m.maeum")


def test_every_truncation_is_noticed(good, tmp_path):
    for length in [*range(0, len(good), 97), len(good) - 1]:
        with pytest.raises(ModelFileError):
            load(tmp_path, good[:length])


@given(st.data())
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_changed_bytes_give_an_error_or_a_model(good, tmp_path, data):
    changed = bytearray(good)
    for _ in range(data.draw(st.integers(1, 3))):
        changed[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    try:
        model = load(tmp_path, bytes(changed))
    except (ModelFileError, UnknownNameError):
        return
    assert model.predict(np.ones((1, 3))).shape == (1, 2)


def test_entries_that_are_missing_or_damaged(good, tmp_path):
    entries = entries_of(good)
    for name in ("model.json", "weights.safetensors"):
        with pytest.raises(ModelFileError):
            load(tmp_path, zipped({k: v for k, v in entries.items() if k != name}))
    for name in entries:
        for junk in (b"", b"{", b"\xff\xfe", b"[1, 2", entries[name][:-5], bytes(200)):
            with pytest.raises(ModelFileError):
                load(tmp_path, zipped({**entries, name: junk}))
    again = load(tmp_path, zipped(entries, zipfile.ZIP_DEFLATED))  # packed by hand
    assert again.predict(np.ones((1, 3))).shape == (1, 2)


def test_weights_of_another_model(good, tmp_path):
    other = mm.Sequential([mm.Input((3,)), Dense(5, name="d")])
    other.save(tmp_path / "other.maeum")
    entries = entries_of((tmp_path / "other.maeum").read_bytes())
    mixed = {**entries_of(good), "weights.safetensors": entries["weights.safetensors"]}
    with pytest.raises(ModelFileError, match=r"'d/kernel' .*has \(3, 5\), the model \(3, 2\)"):
        load(tmp_path, zipped(mixed))


def test_a_newer_format_says_so(good, tmp_path):
    with pytest.raises(ModelFileError, match=r"format 99; .* up to 3. Update Maeum"):
        load(tmp_path, with_model(good, lambda d: d.update(format=99)))


def dense(**config):
    return {"class": "Dense", "config": {"units": 2, "name": "d", **config}}


def stack(*layers, **config):
    return {
        "class": "Sequential",
        "config": {"name": "s", "layers": list(layers), "seed": 1, **config},
    }


def row(shape):
    return {"batch_shape": shape, "dtype": "float32", "name": "x"}


def looped():
    nodes = [{"layer": 0, "args": {"list": [{"tensor": [0, 0]}]}, "kwargs": {"dict": {}}}]
    tensor = {"tensor": [0, 0]}
    config = {"name": "m", "layers": [dense()], "nodes": nodes, "inputs": tensor}
    return {"class": "Model", "config": {**config, "outputs": tensor}}


CRAFTED = {
    "nothing": None,
    "a number": 3,
    "a list": [],
    "a text": "Sequential",
    "no config": {"class": "Sequential"},
    "a config that is a list": {"class": "Sequential", "config": []},
    "a config that is null": {"class": "Sequential", "config": None},
    "a class that is a number": {"class": 3, "config": {}},
    "a class that is a list": {"class": [], "config": {}},
    "a function as class": {"class": "ops.add", "config": {}},
    "a layer as model": dense(),
    "an optimizer as model": {"class": "optimizers.Adam", "config": {}},
    "layers that are a number": {"class": "Sequential", "config": {"name": "s", "layers": 3}},
    "layers that are no layers": stack(3, {"function": "ops.add"}),
    "a layer of another kind": stack({"class": "optimizers.Adam", "config": {}}),
    "an unknown argument": stack(dense(unitz=3)),
    "units that are a text": stack(dense(units="many")),
    "negative units": stack(dense(units=-2)),
    "huge units": stack(dense(units=10**30), input=row([None, 3])),
    "more units than memory": stack(dense(units=10**15), input=row([None, 3])),
    "infinite units": stack(dense(units=1e999), input=row([None, 3])),
    "a huge shape": stack(dense(), input=row([None, 10**30])),
    "a shape that is a text": stack(dense(), input=row("big")),
    "a shape of lists": stack(dense(), input=row([[1], [2]])),
    "a dtype that is none": stack(dense(), input={**row([None, 3]), "dtype": "float99"}),
    "objects as dtype": stack(dense(), input={**row([None, 3]), "dtype": "object"}),
    "an array of junk": stack(dense(units={"array": [[1], [2, 3]], "dtype": "float32"})),
    "a name with a slash": stack(dense(name="../../etc/passwd"), input=row([None, 3])),
    "a name that is a list": stack(dense(name=[1]), input=row([None, 3])),
    "a seed that is a text": {**stack(dense()), "config": {**stack()["config"], "seed": "x"}},
    "a graph without nodes": {"class": "Model", "config": {"nodes": [], "layers": []}},
    "a graph that is no list": {"class": "Model", "config": {"nodes": 3, "layers": []}},
    "a node of its own output": looped(),
}


@pytest.mark.parametrize("kind", CRAFTED)
def test_crafted_descriptions_are_refused(kind, good, tmp_path):
    data = with_model(good, lambda d: d.update(model=CRAFTED[kind]))
    with pytest.raises(ModelFileError):
        load(tmp_path, data)


@pytest.mark.parametrize(
    "change",
    [
        {"seed": "x"}, {"seed": -1}, {"seed": None}, {"frozen": ["nowhere"]}, {"frozen": 3},
        {"compile": {"optimizer": "adam", "loss": 3}}, {"compile": {"evil": 1}}, {"compile": [1]},
        {"compile": {"optimizer": {"class": "Dense", "config": {"units": 2}}}}, {"format": "1"},
        {"compile": {"optimizer": {"class": "optimizers.SGD", "config": {"momentum": 0.9}}}},
        {"format": None}, {"format": [1]}, {"model": []},
    ],
    ids=str,
)  # fmt: skip
def test_crafted_training_is_refused(change, good, tmp_path):
    with pytest.raises(ModelFileError):
        load(tmp_path, with_model(good, lambda d: d.update(change)))


@pytest.mark.parametrize("change", ["another path", "a slot less", "another shape"])
def test_a_training_that_does_not_fit_is_refused(change, good, tmp_path):
    entries = entries_of(good)
    state = safetensors.numpy.load(entries["training.safetensors"])
    slot = next(name for name in state if name.startswith("optimizer/d/kernel/"))
    value = state.pop(slot)
    if change == "another path":
        state[slot.replace("d/kernel", "nowhere/kernel")] = value
    elif change == "another shape":
        state[slot] = np.zeros((9, 9), "float32")
    entries["training.safetensors"] = safetensors.numpy.save(state)
    with pytest.raises(ModelFileError, match="does not fit"):
        load(tmp_path, zipped(entries))


@pytest.mark.parametrize("optimized", [["nowhere"], [], 3, ["d/bias"]], ids=str)
def test_a_crafted_training_of_format_1_is_refused(optimized, good, tmp_path):
    entries = entries_of(good)
    state = safetensors.numpy.load(entries["training.safetensors"])
    numbered = {f"optimizer/{i:06d}/slot": value for i, value in enumerate(state.values())}
    entries["training.safetensors"] = safetensors.numpy.save(numbered)
    change = {"format": 1, "optimized": optimized}
    with pytest.raises(ModelFileError):
        load(tmp_path, with_model(zipped(entries), lambda d: d.update(change)))


def test_json_nested_deeper_than_python_goes(good, tmp_path):
    entries = entries_of(good)
    level = b'{"class": "Sequential", "config": {"name": "s", "layers": ['
    nested = b'{"format": 1, "model": ' + level * 300 + b"]}}" * 300 + b"}"
    for text in (b"[" * 10**6, b'{"model":' * 10**5 + b"1" + b"}" * 10**5, nested):
        with pytest.raises(ModelFileError):
            load(tmp_path, zipped({**entries, "model.json": text}))


def test_an_archive_that_unpacks_to_far_more_is_refused(good, tmp_path):
    bomb = zipped({**entries_of(good), "zeros": bytes(10**8)}, zipfile.ZIP_DEFLATED)
    assert len(bomb) < 10**6
    with pytest.raises(ModelFileError, match="far more than its size"):
        load(tmp_path, bomb)


def test_encrypted_and_oddly_packed_archives(good, tmp_path):
    flagged = bytearray(good)
    for marker, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = flagged.find(marker)
        struct.pack_into("<H", flagged, at + offset, 1)  # says that the entry is encrypted
    with pytest.raises(ModelFileError):
        load(tmp_path, bytes(flagged))
    method = bytearray(good)
    for marker, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        struct.pack_into("<H", method, method.find(marker) + offset, 99)
    with pytest.raises(ModelFileError):
        load(tmp_path, bytes(method))


@pytest.mark.parametrize(
    "name", ["os>system", "os.system", "builtins>eval", "custom>antigravity", "__main__>main",
             "maeum.core.registry>add", "this"],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["class", "function"])
def test_a_file_that_names_a_class_imports_nothing(good, tmp_path, name, kind):
    thing = {"class": name, "config": {}} if kind == "class" else {"function": name}
    layer = thing if kind == "class" else dense(activation=thing)
    modules = set(sys.modules)
    with pytest.raises(UnknownNameError, match=r"@maeum.register"):
        load(tmp_path, with_model(good, lambda d: d.update(model=stack(layer))))
    assert set(sys.modules) == modules


def test_names_with_paths_in_an_archive_write_nothing(good, tmp_path):
    evil = {**entries_of(good), "../evil": b"x", "/tmp/evil-maeum": b"x"}
    load(tmp_path, zipped(evil))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["bad.maeum"]
    assert not (tmp_path.parent / "evil").exists()


def test_damaged_packing_is_noticed(good, tmp_path):
    packed = bytearray(zipped(entries_of(good), zipfile.ZIP_DEFLATED))
    packed[60:80] = bytes(20)
    with pytest.raises(ModelFileError):
        load(tmp_path, bytes(packed))
