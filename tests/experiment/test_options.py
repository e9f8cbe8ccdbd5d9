"""Options bring their checks, their help and their form on the command line."""

from dataclasses import dataclass

import pytest

from maeum.cli.arguments import field_option
from maeum.core.errors import ConfigError, UnknownNameError
from maeum.core.messages import N_
from maeum.experiment.checks import any_text, fraction, one_of, positive, several, switch, whole
from maeum.experiment.options import (
    ClassificationOptions,
    Options,
    Reading,
    TrainingOptions,
    option,
)
from maeum.experiment.task import tasks


@dataclass(frozen=True)
class Cake(Options):
    """Options of every form."""

    layers: int = option(2, help=N_("How many."), check=whole(1))
    sugar: float | None = option(help=N_("How sweet."), check=fraction())
    heat: float = option(180.0, help=N_("How hot."), check=positive())
    shape: str = option("round", help=N_("Which shape."), check=one_of(["round", "square"]))
    sizes: tuple[int, ...] | None = option(help=N_("How wide."), check=several(whole(), "N,N"))
    fruits: tuple[str, ...] = option(
        (), help=N_("Which."), check=several(any_text(), "NAME"), repeated=True
    )
    cream: bool = option(False, help=N_("With cream."), check=switch())
    light: bool | None = option(help=N_("Light."), check=switch())


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"layers": 0}, "layers is a whole number of 1 or more; got 0"),
        ({"layers": True}, "layers is a whole number"),
        ({"layers": None}, "layers is a whole number"),
        ({"sugar": 1}, "sugar takes numbers from 0, below 1; got 1"),
        ({"heat": float("nan")}, "heat takes numbers above 0; got nan"),
        ({"shape": "squar"}, "Did you mean 'square'?"),
        ({"sizes": (3, "a")}, "sizes is a whole number of 1 or more; got 'a'"),
        ({"cream": 1}, "cream is True or False; got 1"),
    ],
)
def test_value_that_makes_no_sense_is_refused_with_what_is_taken(given, said):
    with pytest.raises(ConfigError) as error:
        Cake(**given)
    assert said in str(error.value)


def test_one_value_stands_for_several_and_none_for_the_choice_of_the_data():
    assert Cake(sizes=3, fruits="apple").to_json()["sizes"] == [3]
    made = Cake(layers=5).or_else({"layers": 1, "sugar": 0.5})
    assert (made.layers, made.sugar) == (5, 0.5)


def test_unknown_name_is_answered_with_the_nearest():
    Cake.check_names(["layers", "encoding"], Reading)
    with pytest.raises(ConfigError, match=r"no option 'layer'\. Did you mean 'layers'"):
        Cake.check_names(["layer"])


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [("layers", "3", 3), ("sugar", "0.25", 0.25), ("shape", "square", "square"),
     ("sizes", "8, 4", (8, 4)), ("fruits", "pear", ("pear",))],
)  # fmt: skip
def test_what_is_typed_is_read_as_a_value(name, typed, value):
    assert Cake.fields()[name].metadata["check"].read(typed, f"--{name}") == value


def test_what_cannot_be_read_is_refused_by_the_name_that_was_typed():
    with pytest.raises(ConfigError, match="--layers is a whole number of 1 or more; got 'many'"):
        Cake.fields()["layers"].metadata["check"].read("many", "--layers")
    with pytest.raises(UnknownNameError):
        Cake(shape="oval")


@pytest.mark.parametrize(
    ("name", "flags", "repeated"),
    [("layers", ["--layers"], False), ("fruits", ["--fruits"], True), ("cream", ["--cream"], False),
     ("light", ["--light", "--no-light"], False)],
)  # fmt: skip
def test_field_knows_its_form_on_the_command_line(name, flags, repeated):
    made = field_option(name, Cake.fields()[name])
    assert [*made.opts, *made.secondary_opts] == flags
    assert made.multiple == repeated


def test_options_of_several_tasks_agree_in_form():
    forms = {}
    for task in tasks():
        for name, field in {**task.reading.fields(), **task.options.fields()}.items():
            made = field_option(name, field)
            form = (made.is_flag, made.multiple)
            assert forms.setdefault(name, form) == form, name
            assert field.metadata["help"].endswith("."), name


def test_shared_options_are_shared():
    shared = set(ClassificationOptions.fields()) - {"test_size", "balance"}
    for task in tasks():
        if issubclass(task.options, TrainingOptions):  # an agent learns from no rows
            assert shared <= set(task.options.fields())


@pytest.mark.parametrize("text", ["64,,32", "64,", ",64", ","])
def test_nothing_between_two_commas_is_refused(text):
    with pytest.raises(ConfigError, match=r"--sizes takes values with a comma between every two"):
        several(whole(), "N,N").read(text, "--sizes")
    assert several(any_text(), "MARKS").read("", "--missing") == ()
