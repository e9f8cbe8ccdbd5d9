"""`FeatureSpace`: the shapes and numbers of Keras's layers, from a table to a trained model."""

import numpy as np
import pandas as pd
import pytest

import maeum as mm
from maeum.core.errors import ConfigError, DataError, UnknownNameError

hashing = pytest.mark.skipif(not hasattr(mm.layers, "HashedCrossing"), reason="no hashing yet")
pytestmark = hashing

TEN = np.arange(10)
DATA = {
    "float_1": TEN / 10, "float_2": TEN / 10, "float_3": TEN / 10,
    "string_1": TEN.astype(str), "string_2": TEN.astype(str),
    "int_1": TEN, "int_2": TEN, "int_3": TEN,
}  # fmt: skip
KINDS = {
    "float_1": "float", "float_2": "float_normalized", "float_3": "float_discretized",
    "string_1": "string_categorical", "string_2": "string_hashed", "int_1": "integer_categorical",
    "int_2": "integer_hashed", "int_3": "integer_categorical",
}  # fmt: skip
HALVES = slice(0, 5), slice(5, 10)


def made(**options):
    from maeum.utils import FeatureSpace

    crosses = [("float_3", "string_1"), ("string_2", "int_2")]
    return FeatureSpace(KINDS, crosses=crosses, **options)


@pytest.mark.parametrize("data", [
    DATA, pd.DataFrame(DATA), [{k: v[part] for k, v in DATA.items()} for part in HALVES],
    [({k: v[i] for k, v in DATA.items()}, 1) for i in range(10)],
], ids=["dict", "table", "batches", "rows"])  # fmt: skip
def test_one_vector(data):
    space = made()
    space.adapt(data)
    # 1 + 1 numbers, 32 bins, 11 + 11 + 11 categories, 32 + 32 hashed, 32 + 32 crossed.
    assert space(DATA).shape == (10, 195)
    assert space({k: v[0] for k, v in DATA.items()}).shape == (195,)
    np.testing.assert_allclose(space(DATA)[3], space({k: v[3] for k, v in DATA.items()}), atol=1e-6)
    out = np.asarray(space(DATA))
    np.testing.assert_allclose(out[:, 1].mean(), 0, atol=1e-6)  # normalized
    assert set(out[:, 2:].sum(1)) == {8.0}  # one of each of the other features


def test_a_dict_of_numbers():
    from maeum.utils import FeatureSpace as F

    space = F(
        {"int_1": F.integer_categorical(output_mode="int"), "float_1": F.float_rescaled(10)},
        output_mode="dict",
        crosses=[F.cross(("int_1", "int_1"), crossing_dim=8, output_mode="int")],
    )
    space.adapt(DATA)
    out = space(DATA)
    assert sorted(out) == ["float_1", "int_1", "int_1_X_int_1"]
    assert out["int_1"].dtype.kind == out["int_1_X_int_1"].dtype.kind == "i"
    np.testing.assert_allclose(out["float_1"][:, 0], TEN, rtol=1e-6)


def test_a_model_of_it_is_trained_and_saved(tmp_path):
    space = made()
    space.adapt(DATA)
    model = mm.Model(space.get_inputs(), mm.layers.Dense(1)(space.get_encoded_features()))
    model.compile("adam", "mse")
    model.fit(DATA, TEN / 10, epochs=1, verbose=0)
    model.save(tmp_path / "model.maeum")
    space.save(tmp_path / "space.maeum")
    again = mm.load_model(tmp_path / "model.maeum")
    np.testing.assert_array_equal(again.predict(DATA), model.predict(DATA))
    loaded = mm.load_model(tmp_path / "space.maeum")
    np.testing.assert_array_equal(loaded(DATA), space(DATA))


def test_what_does_not_fit_is_said():
    from maeum.utils import FeatureSpace

    with pytest.raises(UnknownNameError, match="float_normalized"):
        FeatureSpace({"a": "float_normalised"})
    with pytest.raises(UnknownNameError, match="no feature"):
        FeatureSpace({"a": "float"}, crosses=[("a", "b")])
    with pytest.raises(ConfigError, match="adapt"):
        made()(DATA)
    with pytest.raises(DataError, match="float_1"):
        made().adapt({})
    space = FeatureSpace({"a": FeatureSpace.integer_hashed(4, output_mode="int")})
    with pytest.raises(ConfigError, match="one vector"):
        space({"a": [1]})
