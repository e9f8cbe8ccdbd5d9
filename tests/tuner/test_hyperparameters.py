"""Hyper-parameters mean what they mean in KerasTuner."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maeum.core.errors import ConfigError, UnknownNameError
from maeum.tuner import HyperParameters
from maeum.tuner.choices import Boolean, Choice, Fixed
from maeum.tuner.ranges import Float, Int, Numerical

POWERS = [2, 4, 8, 16, 32]


def test_each_is_its_default_until_a_search_says_otherwise():
    hp = HyperParameters()
    assert hp.Int("units", 32, 512, step=32) == 32
    assert hp.Float("rate", 0.1, 0.5, default=0.3) == 0.3
    assert hp.Choice("kind", ["relu", "tanh"]) == "relu"
    assert hp.Choice("size", [3, 5], default=5) == 5
    assert hp.Boolean("wide") is False
    assert hp.Fixed("classes", 10) == 10
    hp.values["units"] = 64
    assert hp.Int("units", 32, 512, step=32) == 64 == hp.get("units") == hp["units"]
    assert [each.name for each in hp.space] == ["units", "rate", "kind", "size", "wide", "classes"]
    assert "units" in hp
    assert "unit" not in hp


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (Int("n", 6, 12), (6, 7, 8, 9, 10, 11, 12)),
        (Int("n", 6, 13, step=3), (6, 9, 12)),
        (Int("n", 2, 32, step=2, sampling="log"), (2, 4, 8, 16, 32)),
        # 32 + 2 - 2 * 2**i
        (Int("n", 2, 32, step=2, sampling="reverse_log"), (2, 18, 26, 30, 32)),
        (Float("n", 0, 1, step=0.25), (0, 0.25, 0.5, 0.75, 1)),
        (Choice("n", ["b", "a"]), ("b", "a")),
        (Boolean("n"), (True, False)),
        (Fixed("n", 3), (3,)),
    ],
)
def test_the_values_of_each_kind(kind, values):
    assert (
        tuple(kind.values) == pytest.approx(values) if kind.name == "x" else kind.values == values
    )
    for value in values:
        assert kind.prob_to_value(kind.value_to_prob(value)) == value


def test_a_range_without_steps_stands_for_ten_values():
    assert Float("n", 0, 1).values == pytest.approx(np.arange(10) / 10 + 0.05)
    # 1e-4 * 1000**0.05, and so on: the middles of tenths on a line of logarithms
    assert Float("n", 1e-4, 1e-1, sampling="log").values == pytest.approx(
        1e-4 * 1000 ** (np.arange(10) / 10 + 0.05)
    )


def test_sampling_places_half_of_the_values_where_it_should():
    assert Float("n", 1, 100).prob_to_value(0.5) == 50.5
    assert Float("n", 1, 100, sampling="log").prob_to_value(0.5) == pytest.approx(10)
    assert Float("n", 1, 100, sampling="reverse_log").prob_to_value(0.5) == pytest.approx(91)


def test_a_conditional_has_a_value_only_where_its_condition_holds():
    hp = HyperParameters()
    assert hp.Choice("model", ["linear", "deep"]) == "linear"
    assert hp.Int("layers", 1, 3, parent_name="model", parent_values=["deep"]) is None
    with hp.conditional_scope("model", ["linear"]):
        assert hp.Float("penalty", 0, 1, default=0.5) == 0.5
    assert hp.values == {"model": "linear", "penalty": 0.5}
    with pytest.raises(ConfigError, match="its conditions do not hold"):
        hp.get("layers")
    with pytest.raises(UnknownNameError, match="Did you mean 'model'"):
        hp.get("modle")
    hp.values["model"] = "deep"
    hp.ensure_active_values()
    assert hp.values == {"model": "deep", "layers": 1}


def test_one_name_under_two_conditions_is_two():
    hp = HyperParameters()
    hp.Choice("kind", ["a", "b"])
    for kind, most in (("a", 3), ("b", 9)):
        with hp.conditional_scope("kind", kind):
            hp.Int("n", most, most)
    hp.values["kind"] = "b"
    hp.values.pop("n")
    hp.ensure_active_values()
    assert hp.values["n"] == 9


def test_name_scopes_stand_before_names():
    hp = HyperParameters()
    with hp.name_scope("encoder"):
        hp.Choice("kind", ["a", "b"])
        with hp.conditional_scope("kind", ["a"]), hp.name_scope("deep"):
            hp.Boolean("wide")
    assert hp.values == {"encoder/kind": "a", "encoder/deep/wide": False}


def test_a_copy_is_equal_and_changes_on_its_own():
    hp = HyperParameters()
    hp.Choice("kind", ["a", "b"])
    hp.Int("n", 1, 9, parent_name="kind", parent_values="a")
    hp.Float("x", 1, 10, sampling="log")
    copy = HyperParameters.from_config(json.loads(json.dumps(hp.get_config())))
    assert copy.get_config() == hp.get_config()
    copy.values["n"] = 5
    assert hp.values["n"] == 1


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda hp: hp.Int("n", 5, 3), "less"),
        (lambda hp: hp.Int("n", 0.5, 3), "whole number"),
        (lambda hp: hp.Int("n", 1, 3, sampling="lgo"), "sampling is one of"),
        (lambda hp: hp.Float("n", 0, 1, sampling="log"), "values above 0"),
        (lambda hp: hp.Float("n", 1, 9, step=1, sampling="log"), "above 1"),
        (lambda hp: hp.Float("n", 1, 9, step=0), "above 0"),
        (lambda hp: hp.Float("n", 1, 9, default=10), "between 1.0 and 9.0"),
        (lambda hp: hp.Float("n", 1, float("nan")), "finite"),
        (lambda hp: hp.Choice("n", []), "one kind"),
        (lambda hp: hp.Choice("n", [1, "a"]), "one kind"),
        (lambda hp: hp.Choice("n", [1, 2], default=3), r"one of \[1, 2\]"),
        (lambda hp: hp.Choice("n", ["a"], ordered=True), "ordered"),
        (lambda hp: hp.Choice("n", [[1]]), "numbers, strings"),
        (lambda hp: hp.Boolean("n", default="yes"), "True or False"),
        (lambda hp: hp.Int("n", 1, 2, parent_name="m", parent_values=1), "not in the space"),
        (lambda hp: (hp.Int("m", 1, 2), hp.Int("m", 1, 2, parent_name="m", parent_values=1)),
         "same name"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_an_error(ask, said):
    with pytest.raises(ConfigError, match=said):
        ask(HyperParameters())


# ---- beside KerasTuner ---------------------------------------------------------------------------

whole = st.integers(1, 50)
samplings = st.sampled_from(["linear", "log", "reverse_log"])


@st.composite
def ranges(draw):
    low = draw(whole)
    high = low + draw(whole)
    step = draw(st.one_of(st.none(), st.integers(2, 4)))
    kind = draw(st.sampled_from(["Int", "Float"]))
    default = draw(st.one_of(st.none(), st.integers(low, high)))
    return kind, {"min_value": low, "max_value": high, "step": step, "sampling": draw(samplings),
                  "default": default}  # fmt: skip


@st.composite
def choices(draw):
    values = draw(st.one_of(
        st.lists(st.integers(-9, 9), min_size=1, max_size=4, unique=True),
        st.lists(st.sampled_from("abcd"), min_size=1, max_size=4, unique=True),
    ))  # fmt: skip
    default = draw(st.one_of(st.none(), st.sampled_from(values)))
    return "Choice", {"values": values, "default": default}


kinds = st.one_of(
    ranges(),
    choices(),
    st.tuples(st.just("Boolean"), st.fixed_dictionaries({"default": st.booleans()})),
)


@settings(max_examples=40)
@given(
    asked=st.lists(kinds, min_size=1, max_size=5),
    probs=st.lists(st.floats(0, 0.999), min_size=5, max_size=5),
)
def test_spaces_are_those_of_kerastuner(asked, probs):
    theirs = pytest.importorskip("keras_tuner").HyperParameters()
    ours = HyperParameters()
    for number, (kind, options) in enumerate(asked):
        told = [getattr(hp, kind)(f"p{number}", **options) for hp in (ours, theirs)]
        assert told[0] == told[1]
    for one, other, prob in zip(ours.space, theirs.space, probs):
        exact = not isinstance(one, Numerical)
        drawn = one.prob_to_value(prob), other.prob_to_value(prob)
        assert drawn[0] == (drawn[1] if exact else pytest.approx(drawn[1]))
        assert one.default == other.default
        values = list(other.values)
        found = sorted(one.values), sorted(set(values))
        assert found[0] == (found[1] if exact else pytest.approx(found[1]))
        for value in values:
            assert one.value_to_prob(value) == pytest.approx(other.value_to_prob(value))


@settings(max_examples=40)
@given(
    first=choices(),
    second=ranges(),
    third=ranges(),
    picks=st.tuples(st.integers(0, 3), st.integers(0, 3)),
)
def test_conditions_are_those_of_kerastuner(first, second, third, picks):
    found = []
    for hp in (HyperParameters(), pytest.importorskip("keras_tuner").HyperParameters()):
        values = first[1]["values"]
        hp.Choice("first", **first[1])
        told = []
        with hp.conditional_scope("first", [values[picks[0] % len(values)]]):
            told.append(getattr(hp, second[0])("second", **second[1]))
            with hp.name_scope("inner"):
                told.append(getattr(hp, third[0])("third", **third[1]))
        told.append(
            hp.Boolean("last", parent_name="first", parent_values=[values[picks[1] % len(values)]])
        )
        active = [hp.is_active(each) for each in hp.space]
        found.append((told, hp.values, active, len(hp.active_scopes), len(hp.inactive_scopes)))
    assert found[0] == found[1]
