import numpy as np
import pandas as pd
import pytest

from maeum.core.errors import ConfigError
from maeum.layers import Dense, Dropout, Embedding, NTKDense, PiecewiseLinearEmbedding
from maeum.tabular import Options, Preparation, Target, recognise
from maeum.tabular.network import as_inputs, build_network, embedding_width

RANDOM = np.random.default_rng(0)
FRAME = pd.DataFrame(
    {
        "x": RANDOM.normal(size=300),
        "few": RANDOM.choice(list("abc"), 300),
        "many": RANDOM.choice([f"city {i}" for i in range(40)], 300),
        "more": RANDOM.choice([f"shop {i}" for i in range(30)], 300),
    }
)
BINARY = Target("y", "binary", ["no", "yes"])
SEVERAL = Target("y", "multiclass", ["a", "b", "c"])
NUMBER = Target("y", "regression")


def prepared(columns):
    return Preparation.fit(FRAME[columns], recognise(FRAME[columns])[1])


def built(columns, target, network="mlp", **options):
    preparation = prepared(columns)
    arrays, _ = preparation.transform(FRAME)
    chosen = Options(network=network, **options).resolved(300, target.task)
    y = RANDOM.integers(0, 2, 300)
    made = build_network(preparation, target, chosen, 8 * 263, arrays["numbers"], y)
    return made, as_inputs(preparation, arrays)


@pytest.mark.parametrize("target", [BINARY, SEVERAL, NUMBER])
@pytest.mark.parametrize(
    "columns", [["x"], ["few"], ["many"], ["many", "more"], ["x", "few", "many", "more"]]
)
@pytest.mark.parametrize("kind", ["mlp", "ensemble"])
def test_any_columns_go_in_and_one_output_per_answer_comes_out(columns, target, kind):
    network, inputs = built(columns, target, kind, hidden=(8,))
    outputs = network.predict(inputs, verbose=0)
    assert outputs.shape == (300, max(1, len(target.classes) if target is SEVERAL else 1))
    if target is SEVERAL:
        np.testing.assert_allclose(outputs.sum(axis=1), 1, atol=1e-6)
    if target is BINARY:
        assert ((outputs >= 0) & (outputs <= 1)).all()


def test_layers_and_dropout_are_as_chosen():
    network, _ = built(["x"], BINARY, hidden=(7, 5), dropout=(0.4, 0), activation="tanh")
    dense = [layer for layer in network.layers if isinstance(layer, Dense)]
    assert [layer.units for layer in dense] == [7, 5, 1]
    assert [layer.rate for layer in network.layers if isinstance(layer, Dropout)] == [0.4]
    np.testing.assert_allclose(dense[0].activation(np.float32(0.5)), np.tanh(0.5), rtol=1e-6)


def test_wide_categories_are_embedded_with_one_index_for_the_unknown():
    network, _ = built(["many", "more"], BINARY)
    embedded = [layer for layer in network.layers if isinstance(layer, Embedding)]
    assert [(e.input_dim, e.output_dim) for e in embedded] == [(41, 13), (31, 11)]
    assert embedding_width(41) == 13  # 1.6 * 41 ** 0.56 = 12.80
    assert embedding_width(10**9) == 8  # rather than 75 GB
    assert 300_000 * embedding_width(300_000) <= 2**22


def test_linear_path_leads_past_the_hidden_layers():
    through, _ = built(["x"], NUMBER, hidden=(8,), linear=True)
    around, _ = built(["x"], NUMBER, hidden=(8,), linear=False)
    assert through.layers[-1].kernel.shape == (9, 1)
    assert around.layers[-1].kernel.shape == (8, 1)


def test_no_hidden_layer_is_the_linear_model():
    network, inputs = built(["x", "few"], BINARY, hidden=())
    kernel, bias = network.get_weights()
    expected = 1 / (1 + np.exp(-(inputs.astype(np.float64) @ kernel + bias)))
    np.testing.assert_allclose(network.predict(inputs, verbose=0), expected, atol=1e-6)


def test_optimizer_and_learning_rate_are_as_chosen():
    network, _ = built(["x"], BINARY, optimizer="sgd", learning_rate=0.25)
    assert type(network.optimizer).__name__ == "SGD"
    assert float(network.optimizer.learning_rate) == 0.25
    with pytest.raises(ConfigError, match="Did you mean 'adam'"):
        built(["x"], BINARY, optimizer="admm")


def test_seed_decides_on_the_weights():
    one, two, other = (
        built(["x", "many"], BINARY, seed=seed)[0].get_weights() for seed in (1, 1, 2)
    )
    assert all(np.array_equal(a, b) for a, b in zip(one, two))
    assert not np.array_equal(one[0], other[0])


def test_a_member_sees_each_number_and_its_pieces_and_learns_at_the_rate_of_the_schedule():
    network, inputs = built(["x", "few"], BINARY, "ensemble", members=5)
    pieces = next(e for e in network.layers if isinstance(e, PiecewiseLinearEmbedding))
    quantiles = np.quantile(inputs[:, 0], np.linspace(0, 1, 17))
    np.testing.assert_allclose(pieces.bin_boundaries[0], quantiles, rtol=1e-6)
    assert pieces.bin_boundaries[1:] == [[0.0, 1.0], [0.0, 1.0]]  # "few = b" and "few = c"
    dense = [layer for layer in network.layers if isinstance(layer, NTKDense)]
    assert [layer.units for layer in dense] == [64, 64, 1]
    assert dense[0].kernel.shape == (3 + 16 + 1 + 1, 64)
    rate = network.optimizer.get_config()["learning_rate"]["config"]
    assert (rate["learning_rate"], rate["decay_steps"]) == (0.02, 37 * 16)  # epochs, steps of each
