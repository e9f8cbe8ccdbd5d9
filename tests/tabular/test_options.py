import json

import numpy as np
import pytest

from maeum.core.errors import ConfigError
from maeum.tabular import Options


def test_one_value_or_a_list_will_do_where_several_are_meant():
    options = Options(hidden=64, dropout=0.2, ignore="id")
    assert (options.hidden, options.dropout, options.ignore) == ((64,), (0.2,), ("id",))
    assert Options(hidden=[8, 4]) == Options(hidden=(8, 4))
    assert Options(epochs=np.int64(3)).epochs == 3


def test_one_dropout_rate_serves_every_layer():
    assert Options(hidden=(8, 4), dropout=0.5).rates == (0.5, 0.5)
    assert Options(hidden=(8, 4), dropout=(0.5, 0.1)).rates == (0.5, 0.1)


@pytest.mark.parametrize("rows", [2, 100, 5_000, 10_000_000])
@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_everything_is_chosen_once_the_rows_are_known(rows, task):
    chosen = Options(network="mlp").resolved(rows, task)
    assert None not in (chosen.hidden, chosen.epochs, chosen.patience, chosen.learning_rate)
    assert 16 <= chosen.batch_size <= 1024
    assert chosen.batch_size & (chosen.batch_size - 1) == 0
    assert len(chosen.rates) == len(chosen.layers)


def test_choices_that_were_made_are_kept():
    given = {"hidden": (5,), "dropout": (0.1,), "epochs": 7, "patience": 2, "batch_size": 3}
    given |= {"learning_rate": 0.5, "linear": True, "refit": False}
    chosen = Options(**given).resolved(1000, "regression")
    assert {name: getattr(chosen, name) for name in given} == given


def test_no_validation_means_no_training_anew():
    assert not Options(validation_size=0).resolved(1000, "binary").refit
    assert not Options(patience=0).resolved(1000, "binary").refit


def test_options_are_json():
    described = json.loads(json.dumps(Options(hidden=(8, 4)).resolved(9, "binary").to_json()))
    assert described["hidden"] == [8, 4]
    assert described["seed"] == 42


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("task", "clustering"), ("scale", "robust"), ("network", "tree"), ("members", 1),
        ("hidden", ("a",)), ("hidden", (0,)), ("hidden", (1.5,)), ("hidden", "128"),
        ("dropout", 1), ("dropout", (-0.1,)), ("dropout", float("nan")), ("dropout", (0.1, 0.2)),
        ("epochs", 0), ("epochs", True), ("epochs", "10"), ("batch_size", 2.5), ("patience", -1),
        ("learning_rate", 0), ("learning_rate", float("nan")), ("learning_rate", "fast"),
        ("test_size", 0), ("test_size", 1), ("validation_size", 1), ("validation_size", -0.1),
        ("embed_above", -1), ("seed", -1),
    ],
)  # fmt: skip
def test_option_that_makes_no_sense_is_named_with_its_value(option, value):
    with pytest.raises(ConfigError, match=option) as error:
        Options(**{option: value})
    assert str(value).strip("(),") in str(error.value) or option == "dropout"


@pytest.mark.parametrize(
    ("rarest", "given", "layers"),
    [
        (12, {}, ()),
        (12, {"hidden": 8}, (8,)),
        (12, {"dropout": 0.1}, (128, 64, 32)),
        (12, {"balance": True}, (128, 64, 32)),
        (20, {}, (128, 128)),
        (None, {}, (128, 128)),
        (12, {"network": "ensemble"}, (128, 128)),
        (12, {"quick": True}, ()),
    ],
)
def test_hidden_layers_are_left_out_where_a_rare_class_has_hardly_any_rows(rarest, given, layers):
    chosen = Options(**given).resolved(4_000, "binary", rarest)
    assert chosen.layers == layers
    assert chosen == chosen.resolved(4_000, "binary", rarest)
    assert len(chosen.rates) == len(layers)


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
@pytest.mark.parametrize("rows", [100, 5_000, 10_000_000])
def test_an_ensemble_is_chosen_where_there_are_rows_and_nothing_else_was_asked_for(rows, task):
    chosen = Options().resolved(rows, task)
    assert chosen.network == "ensemble"
    assert None not in (chosen.members, chosen.epochs, chosen.batch_size, chosen.learning_rate)
    assert chosen == chosen.resolved(rows, task)
    assert Options().resolved(99, task).network == "mlp"


@pytest.mark.parametrize(
    "given",
    [{"hidden": 8}, {"dropout": 0.1}, {"quick": True}, {"scale": "minmax"}, {"patience": 3},
     {"optimizer": "sgd"}, {"validation_size": 0.1}, {"refit": False}, {"network": "mlp"}],
)  # fmt: skip
def test_options_of_one_network_choose_it(given):
    assert Options(**given).resolved(5_000, "binary").network == "mlp"


def test_an_ensemble_that_was_asked_for_has_the_layers_that_were_asked_for():
    chosen = Options(network="ensemble", hidden=(8, 4), dropout=0.5, members=3)
    assert chosen.resolved(50, "binary").network == "ensemble"
    assert (chosen.layers, chosen.rates) == ((8, 4), (0.5, 0.5))


@pytest.mark.parametrize(
    "given",
    [{"network": "ensemble", "optimizer": "sgd"}, {"members": 4, "quick": True},
     {"network": "mlp", "members": 4}, {"network": "ensemble", "patience": 3},
     {"network": "mlp", "minutes": 1.0}],
)  # fmt: skip
def test_what_only_the_other_network_has_is_refused(given):
    with pytest.raises(ConfigError, match="ensemble"):
        Options(**given)


def test_a_search_takes_no_folds():
    with pytest.raises(ConfigError, match="folds=5"):
        Options(minutes=1.0, folds=5)


@pytest.mark.parametrize(
    ("given", "rows", "rarest", "said"),
    [
        ({"patience": 5}, 5_000, None, "because of --patience, without which several are"),
        ({"embed_above": 3, "hidden": 8}, 5_000, None, "--embed-above and --hidden, without which"),
        ({"hidden": 8}, 5_000, None, "because of --hidden; --network ensemble trains several"),
        ({}, 99, None, "only 99 rows to learn from; --network ensemble"),
        ({}, 5_000, 19, "only 19 rows are of the rarer class; --network ensemble"),
        ({}, 5_000, None, ""),
        ({"quick": True}, 50, None, ""),
        ({"network": "mlp", "patience": 5}, 5_000, None, ""),
        ({"network": "ensemble", "hidden": 8}, 50, 3, ""),
        ({"members": 2}, 50, None, ""),
    ],
)
def test_why_there_is_but_one_network_is_said_unless_it_was_asked_for(given, rows, rarest, said):
    found = Options(**given).why_one_network(rows, rarest)
    assert said in found
    assert bool(said) == bool(found)
