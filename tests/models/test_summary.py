"""What model.summary() prints."""

import numpy as np
import pytest

import maeum as mm
from maeum.layers import Add, BatchNormalization, Dense, Dropout


def lines(model, **options):
    printed = []
    model.summary(print_fn=printed.append, **options)
    return "\n".join(printed).split("\n")


def cells(line):
    return [cell.strip() for cell in line.strip("│").split("│")]


def test_a_stack_of_layers(capsys):
    model = mm.Sequential(
        [mm.Input((30,)), Dense(128), Dropout(0.3), BatchNormalization(), Dense(1)], name="churn"
    )
    text = lines(model)
    assert text[0] == 'Model "churn"'
    assert [cells(line) for line in text if line.startswith("│")] == [
        ["Layer (type)", "Output shape", "Params"],
        ["dense (Dense)", "(None, 128)", "3,968"],
        ["dropout (Dropout)", "(None, 128)", "0"],
        ["batch_normalization (BatchNormalization)", "(None, 128)", "512"],
        ["dense_1 (Dense)", "(None, 1)", "129"],
    ]
    # 31*128 + 4*128 + 129 weights of 4 bytes; the two moving averages of 128 are not trained.
    assert text[-3:] == [
        "Total params: 4,609 (18.0 KB)",
        "Trainable params: 4,353",
        "Non-trainable params: 256",
    ]
    assert len({len(line) for line in text[1:-3]}) == 1
    model.summary()
    assert capsys.readouterr().out.rstrip("\n").split("\n") == text


def test_a_branching_graph_shows_where_inputs_come_from():
    x = mm.Input((4,), name="row")
    h = Dense(4, name="hidden")(x)
    model = mm.Model(x, Dense(1, name="out")(Add(name="sum")([x, h])))
    rows = {cells(line)[0]: cells(line) for line in lines(model) if line.startswith("│")}
    assert rows["Layer (type)"][-1] == "Connected to"
    assert rows["row (InputLayer)"][-1] == ""
    assert rows["hidden (Dense)"][-1] == "row"
    assert rows["sum (Add)"][-1] == "row, hidden"
    assert rows["out (Dense)"][1:] == ["(None, 1)", "5", "sum"]


def test_several_outputs_and_nested_models():
    x = mm.Input((3,))
    inner = mm.Model(x, [Dense(2)(x), Dense(5)(x)], name="inner")
    y = mm.Input((3,))
    a, b = inner(y)
    model = mm.Model(y, [a, Dense(1, name="last")(b)])
    short, long = lines(model), lines(model, expand_nested=True)
    assert any("(None, 2), (None, 5)" in line for line in short)
    assert not any("dense_1 (Dense)" in line for line in short)
    assert any("  dense_1 (Dense)" in line for line in long)
    assert short[-3:] == long[-3:]


def test_frozen_layers_and_the_width():
    model = mm.Sequential([mm.Input((3,)), Dense(2), Dropout(0.1), Dense(1)])
    model.layers[0].trainable = False
    rows = [cells(line)[-1] for line in lines(model, show_trainable=True) if line[0] == "│"]
    assert rows == ["Trainable", "no", "", "yes"]
    assert {len(line) for line in lines(model, line_length=90)[1:-3]} == {90}
    assert lines(model)[-2:] == ["Trainable params: 3", "Non-trainable params: 8"]


@pytest.mark.parametrize("built", [False, True])
def test_models_whose_shapes_are_not_known(built):
    class Net(mm.Model):
        def __init__(self):
            super().__init__()
            self.out = Dense(1)

        def call(self, x):
            return self.out(x)

    model = Net()
    if built:
        model.predict(np.ones((2, 3)))
    rows = [cells(line) for line in lines(model) if line[0] == "│"]
    assert rows[1] == ["out (Dense)", "?", "4" if built else "?"]
    assert mm.Sequential([Dense(1)]).summary(print_fn=lambda text: None) is None
    assert lines(mm.Sequential())[-3] == "Total params: 0 (0.0 KB)"


def test_a_narrow_table_wraps_its_cells():
    from maeum.core.wording import columns
    from maeum.layers import Dense, Input
    from maeum.models import Sequential
    from maeum.models.summary import summarize

    model = Sequential([Input((3,)), Dense(4, name="아주_긴_이름의_레이어" * 3), Dense(2)])
    lines = summarize(model, most=48).splitlines()
    assert {columns(line) for line in lines[1:-3]} == {48}
    cells = (line.split("│")[1] for line in lines if line.startswith("│"))
    names = "".join(cells).replace(" ", "")
    assert names.endswith("아주_긴_이름의_레이어" * 3 + "(Dense)dense(Dense)")
    assert sum(" 16 " in line for line in lines) == 1
