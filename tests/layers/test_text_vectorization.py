"""TextVectorization and the lookups: by Keras's documented values, and inside of models.

Keras's layers need TensorFlow, so that what they give is written down here; drawn configurations
were compared with them where that is installed.
"""

import copy
import json
import math
import zipfile

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import maeum as mm
from maeum import layers
from maeum.core.errors import (
    ConfigError,
    DataError,
    MaeumError,
    ModelFileError,
    ShapeError,
    UnknownNameError,
)
from maeum.layers.host_layer import HostLayer, text_array
from maeum.layers.integer_lookup import IntegerLookup
from maeum.layers.string_lookup import StringLookup
from maeum.layers.text_vectorization import TextVectorization
from maeum.testing import check_layer
from maeum.text import BytePairEncoding, Normalizer, TextLines, Vocabulary

TEXTS = [
    "Very good nice quality", "Stop lies", "Ugly terrible", "Excellent work", "Adorable lovely",
    "Bad", "Great nice",
]  # fmt: skip
LABELS = np.array([1, 0, 0, 1, 1, 0, 1], "float32")
NUMBERS = np.arange(21, dtype="float32").reshape(7, 3)


def adapted(texts=TEXTS, **options):
    layer = TextVectorization(**options)
    layer.adapt(texts)
    return layer


def sentiment(**options):
    """A model from texts to one number, with a fixed seed."""
    vectorize = adapted(**{"output_sequence_length": 5, **options})
    return mm.Sequential(
        [
            vectorize,
            layers.Embedding(vectorize.vocabulary_size(), 2, mask_zero=True),
            layers.GlobalAveragePooling1D(),
            layers.Dense(1, activation="sigmoid"),
        ],
        seed=1,
    )


# ---- the layer alone ---------------------------------------------------------------------------


def test_documented_values():
    """The two examples of Keras's documentation."""
    layer = TextVectorization(max_tokens=5000, output_mode="int", output_sequence_length=4)
    layer.adapt(["foo bar", "bar baz", "baz bada boom"])
    assert layer([["foo qux bar"], ["qux baz"]]).tolist() == [[4, 1, 3, 0], [1, 2, 0, 0]]
    given = TextVectorization(vocabulary=["earth", "wind", "and", "fire"])
    assert given.get_vocabulary() == ["", "[UNK]", "earth", "wind", "and", "fire"]
    assert given.get_vocabulary(include_special_tokens=False)[0] == "earth"
    assert given.vocabulary_size() == 6


def test_vectors_of_each_mode():
    texts, options = ["a b a", "b c", "!"], {"vocabulary": ["a", "b"]}
    many = TextVectorization(output_mode="multi_hot", **options)
    assert many(texts).tolist() == [[0, 1, 1], [1, 0, 1], [0, 0, 0]]
    count = TextVectorization(output_mode="count", max_tokens=5, pad_to_max_tokens=True, **options)
    assert count(texts).tolist() == [[0, 2, 1, 0, 0], [1, 0, 1, 0, 0], [0] * 5]
    weighted = TextVectorization(output_mode="tf_idf", idf_weights=[0.5, 1.5], **options)
    # The unknown token has the mean of the weights.
    assert weighted(texts).tolist() == [[0, 1, 1.5], [1, 0, 1.5], [0, 0, 0]]
    learnt = adapted(["a b a", "b"], output_mode="tf_idf")
    assert learnt.get_vocabulary() == ["[UNK]", "b", "a"]
    b, a = math.log(1 + 2 / 3), math.log(1 + 2 / 2)
    np.testing.assert_allclose(learnt(["a z b b"]), [[(a + b) / 2, 2 * b, a]], rtol=1e-6)
    assert [many(texts).dtype, adapted()(texts).dtype] == [np.float32, np.int32]


def test_ngrams_standards_and_splits():
    def tokens(text, **options):
        return TextVectorization(**options).tokens([text])[0]

    assert tokens("a b c", ngrams=2) == ["a", "b", "c", "a b", "b c"]
    assert tokens("a b c", ngrams=(1, 3)) == ["a", "b", "c", "a b c"]
    assert tokens("a", ngrams=(2,)) == []
    assert tokens("It's A_B, É!") == ["its", "ab", "é"]
    assert tokens("It's A!", standardize="lower") == ["it's", "a!"]
    assert tokens("It's A!", standardize="strip_punctuation") == ["Its", "A"]
    assert tokens("It's A!", standardize=None) == ["It's", "A!"]
    assert tokens("É!", standardize=Normalizer(strip_accents=True)) == ["E!"]
    assert tokens("aB", standardize=np.char.lower) == ["ab"]
    assert tokens("ab", split="character") == ["a", "b"]
    assert tokens("a-b", standardize=None, split=lambda text: text.split("-")) == ["a", "b"]
    assert tokens("I doesn't", standardize=None, split="words") == ["I", "does", "n't"]
    assert tokens("딥 ai", split="syllables") == ["딥", " ", "ai"]
    assert len(tokens("딥", split="jamo")) == 3
    assert TextVectorization(split=None).tokens([["A", "b!"]]) == [["a", "b"]]


def test_byte_pairs_bring_their_vocabulary():
    pairs = BytePairEncoding.train(["low lower lowest"] * 3, 262)
    layer = TextVectorization(standardize=None, split=pairs)
    assert layer(["low slow"])[0].tolist() == pairs.encode("low slow")
    again = TextVectorization.from_config(json.loads(json.dumps(layer.get_config())))
    assert again(["마음 low"]).tolist() == layer(["마음 low"]).tolist()


@given(st.lists(st.text("ab ,한\u0301!'", max_size=8), min_size=1, max_size=6))
@settings(max_examples=40)
def test_numbers_name_the_tokens(texts):
    layer = TextVectorization()
    if not any(layer.tokens(texts)):
        with pytest.raises(DataError, match="nothing to learn"):
            layer.adapt(texts)
        return
    layer.adapt(texts)
    words = layer.get_vocabulary()
    for row, tokens in zip(layer(texts), layer.tokens(texts)):
        assert [words[number] for number in row if number] == tokens


def test_adapting_to_what_gives_texts(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("\n".join(TEXTS), encoding="utf-8")
    expected = adapted().get_vocabulary()
    column = pd.Series(TEXTS)
    for data in (np.array(TEXTS), column, [[t] for t in TEXTS], TextLines(path),
                 ((TEXTS[i : i + 2], LABELS[i : i + 2]) for i in range(0, 7, 2))):  # fmt: skip
        assert adapted(data).get_vocabulary() == expected
    layer = TextVectorization(max_tokens=4)
    layer.adapt(([text] for text in TEXTS), steps=1)
    assert layer.get_vocabulary() == ["", "[UNK]", "very", "quality"]
    layer.adapt(["b b a"])  # in place of what there was
    assert layer.get_vocabulary() == ["", "[UNK]", "b", "a"]


def test_vocabularies_from_files_and_objects(tmp_path):
    words = Vocabulary(["so", "long"])
    words.save(tmp_path / "ours.txt")
    (tmp_path / "plain.txt").write_text("so\nlong\n")
    for source in (
        words,
        tmp_path / "ours.txt",
        str(tmp_path / "plain.txt"),
        np.array(["so", "long"]),
    ):
        assert TextVectorization(vocabulary=source)(["long so"]).tolist() == [[3, 2]]
    config = TextVectorization(vocabulary=words).get_config()
    config["vocabulary"] = str(tmp_path / "plain.txt")
    with pytest.raises(ConfigError, match="not opened on behalf"):
        TextVectorization.from_config(config)


def test_one_text_alone_and_bytes():
    layer = TextVectorization(vocabulary=["so", "마음"], output_sequence_length=3)
    assert layer("so 마음").tolist() == [2, 3, 0]
    assert layer(np.array(["마음".encode()])).tolist() == [[3, 0, 0]]
    korean = TextVectorization(vocabulary=["마음"], encoding="cp949")
    assert korean(["마음".encode("cp949")]).tolist() == [[2]]
    with pytest.raises(DataError, match=r"Row 0 holds the byte 0xb8 .* not utf-8"):
        layer(["마음".encode("cp949")])
    assert layer([]).shape == (0, 3)
    assert layer(["", " "]).tolist() == [[0, 0, 0]] * 2


@pytest.mark.parametrize(
    ("error", "said", "options"),
    [
        (TypeError, "Did you mean 'max_tokens'", {"max_token": 3}),
        (TypeError, "unexpected argument 'invert'", {"invert": True}),
        (ConfigError, "ragged", {"ragged": True}),
        (ConfigError, "sparse", {"sparse": True}),
        (ConfigError, "multi_hot", {"output_mode": "one_hot"}),
        (UnknownNameError, "multi_hot", {"output_mode": "multi_hit"}),
        (UnknownNameError, "Did you mean 'lower'", {"standardize": "lowr"}),
        (UnknownNameError, "whitespace", {"split": "whitespaces"}),
        (ConfigError, "function of one text", {"split": 3}),
        (ConfigError, "ngrams", {"ngrams": 0}),
        (ConfigError, "max_tokens", {"max_tokens": 1}),
        (ConfigError, "needs max_tokens", {"pad_to_max_tokens": True}),
        (ConfigError, "output_sequence_length", {"output_sequence_length": 0}),
        (ConfigError, "goes with", {"output_sequence_length": 3, "output_mode": "count"}),
        (ConfigError, "empty", {"vocabulary": []}),
        (ConfigError, "'a' 2 times", {"vocabulary": ["a", "a"]}),
        (ConfigError, "special entry", {"vocabulary": ["a", ""]}),
        (ConfigError, "max_tokens is 3", {"vocabulary": ["a", "b"], "max_tokens": 3}),
        (ConfigError, "idf_weights", {"vocabulary": ["a"], "output_mode": "tf_idf"}),
        (ConfigError, "idf_weights", {"vocabulary": ["a"], "idf_weights": [1.0]}),
        (ConfigError, "belong to a vocabulary", {"idf_weights": [1.0], "output_mode": "tf_idf"}),
        (ModelFileError, "cannot be read", {"vocabulary": "missing.txt"}),
    ],
)
def test_bad_arguments(error, said, options):
    with pytest.raises(error, match=said):
        TextVectorization(**options)


def test_bad_inputs():
    layer = adapted()
    with pytest.raises(ConfigError, match="no vocabulary yet"):
        TextVectorization()(TEXTS)
    for wrong, row in ((["a", None], 1), ([3.5], 0), (pd.Series(["a", "b", None]), 2)):
        with pytest.raises(DataError, match=f"Row {row} is .* not text"):
            layer(wrong)
    with pytest.raises(ShapeError, match="takes texts of shape"):
        layer([["a", "b"]])
    with pytest.raises(DataError, match="is given as a list"):
        layer.adapt("a text")
    with pytest.raises(DataError, match="there are no rows"):
        layer.adapt([])
    with pytest.raises(ConfigError, match="2 leaves no room"):
        TextVectorization(max_tokens=2).adapt(["a"])
    for options in ({"split": str.upper}, {"standardize": str.split}):
        with pytest.raises(DataError, match="takes one text and returns"):
            TextVectorization(**options).tokens(["a"])


# ---- lookups -----------------------------------------------------------------------------------


def test_string_lookup_by_the_documented_values():
    data = [["a", "c", "d"], ["d", "z", "b"]]
    lookup = StringLookup(vocabulary=["a", "b", "c", "d"])
    assert lookup(data).tolist() == [[1, 3, 4], [4, 0, 2]]
    adapting = StringLookup()
    adapting.adapt(data)
    assert adapting.get_vocabulary() == ["[UNK]", "d", "z", "c", "b", "a"]
    hot = StringLookup(vocabulary=["a", "b", "c", "d"], output_mode="one_hot")
    np.testing.assert_array_equal(hot(["a", "b", "c", "d", "z"]), np.eye(5)[[1, 2, 3, 4, 0]])
    assert hot([["a"], ["z"]]).shape == (2, 5)
    rows = [["a", "c", "d", "d"], ["d", "z", "b", "z"]]
    many = StringLookup(vocabulary=["a", "b", "c", "d"], output_mode="multi_hot", num_oov_indices=2)
    assert many(rows)[:, 2:].tolist() == [[1, 0, 1, 1], [0, 1, 0, 1]]
    count = StringLookup(vocabulary=["a", "b", "c", "d"], output_mode="count")
    assert count(rows).tolist() == [[0, 1, 0, 1, 2], [2, 0, 1, 0, 1]]
    back = StringLookup(vocabulary=lookup.get_vocabulary(), invert=True)
    assert back([[1, 3, 4], [4, 0, 9]]).tolist() == [["a", "c", "d"], ["d", "[UNK]", "[UNK]"]]
    masked = StringLookup(vocabulary=["a"], mask_token="")
    assert masked(["", "a", "b"]).tolist() == [0, 2, 1]
    assert masked.get_vocabulary() == ["", "[UNK]", "a"]


def test_unknown_texts_share_the_numbers_for_them():
    lookup = StringLookup(vocabulary=["a"], num_oov_indices=3, mask_token="")
    found = lookup([str(n) for n in range(50)])
    assert set(found.tolist()) == {1, 2, 3}
    np.testing.assert_array_equal(lookup([str(n) for n in range(50)]), found)
    strict = StringLookup(vocabulary=["apple"], num_oov_indices=0)
    assert strict(["apple"]).tolist() == [0]
    with pytest.raises(DataError, match="Did you mean 'apple'"):
        strict(["aple"])
    with pytest.raises(DataError, match="whole numbers"):
        StringLookup(vocabulary=["a"], invert=True)([0.5])
    with pytest.raises(ConfigError, match="invert=True goes with"):
        StringLookup(vocabulary=["a"], invert=True, output_mode="count")


def test_integer_lookup_by_the_documented_values():
    lookup = IntegerLookup(vocabulary=[12, 36, 1138, 42])
    data = np.array([[12, 1138, 42], [42, 1000, 36]])
    assert lookup(data).tolist() == [[1, 3, 4], [4, 0, 2]]
    assert IntegerLookup(vocabulary=lookup.get_vocabulary(), invert=True)(
        np.array([[1, 3, 4], [4, 0, 2]])
    ).tolist() == [[12, 1138, 42], [42, -1, 36]]
    buckets = IntegerLookup(vocabulary=[12, 36, 1138, 42], num_oov_indices=2)
    assert buckets(np.array([[37, 1000, 36]])).tolist() == [[1, 0, 3]]
    count = IntegerLookup(vocabulary=[12, 36], output_mode="count", mask_token=0)
    assert count(np.array([[0, 12, 12], [7, 36, 0]])).tolist() == [[0, 2, 0], [1, 0, 1]]
    adapting = IntegerLookup(output_mode="tf_idf", max_tokens=4, pad_to_max_tokens=True)
    adapting.adapt(np.array([[5, 5], [5, 7]]))
    five, seven = math.log(1 + 2 / 3), math.log(1 + 2 / 2)
    np.testing.assert_allclose(adapting(np.array([[5, 7]])), [[0, five, seven, 0]], rtol=1e-6)
    with pytest.raises(DataError, match="8 is not in the vocabulary"):
        IntegerLookup(vocabulary=[7], num_oov_indices=0)(np.array([7, 8]))
    for strange in (2**32 + 12, 12.5, np.nan):  # none of them is 12
        with pytest.raises(DataError, match="whole numbers of 32 bits"):
            lookup(np.array([[12, strange]]))
    assert lookup(np.array([12.0])).tolist() == [1]
    with pytest.raises(DataError, match="whole numbers"):
        lookup.adapt(np.array(["a"]))
    for wrong in ([2**40], ["a"], [0.5]):
        with pytest.raises(ConfigError, match="whole numbers of 32 bits"):
            IntegerLookup(vocabulary=wrong)
    init = {"vocabulary": [1, 2, 8], "mask_token": 0, "output_mode": "multi_hot"}
    check_layer(IntegerLookup, init=init, inputs=np.array([[1, 2, 0], [8, 0, 3], [4, 4, 4]]))


def test_lookups_in_models(tmp_path):
    colour = StringLookup(output_mode="one_hot")
    colour.adapt(["red", "green", "red"])
    number = IntegerLookup(vocabulary=[10, 20, 30], output_mode="multi_hot")
    inputs = {"colour": mm.Input((1,), dtype="string", name="colour"),
              "codes": mm.Input((2,), dtype="int32", name="codes")}  # fmt: skip
    joined = layers.Concatenate()([colour(inputs["colour"]), number(inputs["codes"])])
    model = mm.Model(inputs, layers.Dense(1)(joined))
    data = {"colour": np.array(["red", "blue"]), "codes": np.array([[10, 30], [5, 20]])}
    expected = np.array([[0, 1, 0, 0, 1, 0, 1], [1, 0, 0, 1, 0, 1, 0]]) @ model.get_weights()[0]
    np.testing.assert_allclose(model.predict(data), expected, rtol=1e-5)
    model.save(tmp_path / "m.maeum")
    again = mm.saving.load_model(tmp_path / "m.maeum")
    np.testing.assert_array_equal(again.predict(data), model.predict(data))


# ---- inside of models --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def trained():
    model = sentiment()
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    model.fit(TEXTS, LABELS, epochs=2, batch_size=4, verbose=0)
    return model


def by_hand(model, texts):
    """The network behind the vectorization, computed in NumPy."""
    table, kernel, bias = model.get_weights()
    numbers = model.layers[0](texts)
    there = (numbers > 0)[..., None]
    mean = (table[numbers] * there).sum(1) / np.maximum(there.sum(1), 1)
    return 1 / (1 + np.exp(-(mean @ kernel + bias)))


def test_a_model_takes_texts_in_any_form(trained):
    expected = by_hand(trained, TEXTS)
    array = np.array(TEXTS)
    forms = [TEXTS, tuple(TEXTS), array, array.astype(object), array[:, None], pd.Series(TEXTS),
             pd.DataFrame({"text": TEXTS}), np.char.encode(array), [array],
             {trained.input_names[0]: TEXTS}]  # fmt: skip
    for form in forms:
        np.testing.assert_allclose(trained.predict(form), expected, rtol=1e-4)
    np.testing.assert_allclose(trained(TEXTS), expected, rtol=1e-4)
    np.testing.assert_allclose(trained.predict_on_batch(TEXTS), expected, rtol=1e-4)
    stream = (TEXTS[i : i + 3] for i in range(0, 7, 3))
    np.testing.assert_allclose(trained.predict(stream), expected, rtol=1e-4)
    assert trained.predict(["never seen", ""]).shape == (2, 1)


def test_training_on_texts_is_training_on_their_numbers():
    """The same seed gives the same weights, whatever the texts come in."""
    vectorize = adapted(output_sequence_length=5)

    def fitted(model, x, y=LABELS, **options):
        model.compile("adam", "binary_crossentropy")
        history = model.fit(x, y, batch_size=2, epochs=2, verbose=0, **options)
        return model.get_weights(), history.history

    whole = sentiment()
    inner = mm.Sequential([mm.Input((5,)), *copy.deepcopy(whole).layers[1:]], seed=1)
    options = {"shuffle": False, "validation_split": 0.3}
    weights, history = fitted(whole, TEXTS, **options)
    expected, expected_history = fitted(inner, vectorize(TEXTS), **options)
    for one, two in zip(weights, expected):
        np.testing.assert_allclose(one, two, rtol=1e-5, atol=1e-6)
    assert history.keys() == expected_history.keys()
    np.testing.assert_allclose(history["val_loss"], expected_history["val_loss"], rtol=1e-5)

    def batches():
        for i in range(0, 6, 2):
            yield np.array(TEXTS[i : i + 2]), LABELS[i : i + 2]

    stream = mm.models.clone_model(whole)
    stream.compile("adam", "binary_crossentropy")
    history = stream.fit(batches(), verbose=0, validation_data=(TEXTS, LABELS))
    assert np.isfinite(history.history["val_loss"]).all()
    assert np.isfinite(stream.train_on_batch(TEXTS, LABELS))
    assert np.isfinite(stream.evaluate(TEXTS, LABELS, verbose=0))


def test_the_vocabulary_lives_in_the_model_file(trained, tmp_path):
    path = tmp_path / "m.maeum"
    trained.save(path)
    again = mm.saving.load_model(path)
    np.testing.assert_array_equal(again.predict(TEXTS), trained.predict(TEXTS))
    assert again.layers[0].get_vocabulary() == trained.layers[0].get_vocabulary()
    again.fit(TEXTS, LABELS, verbose=0)
    with zipfile.ZipFile(path) as archive:
        assert {n.rpartition(".")[2] for n in archive.namelist()} <= {"json", "safetensors"}
        assert "adorable" in archive.read("model.json").decode()
    for other in (copy.deepcopy(trained), mm.models.model_from_json(trained.to_json())):
        assert other.predict(TEXTS).shape == (7, 1)
    weighted = mm.Sequential([adapted(output_mode="tf_idf"), layers.Dense(1)])
    weighted.save(path)
    again = mm.saving.load_model(path)
    np.testing.assert_array_equal(again.predict(TEXTS), weighted.predict(TEXTS))


def test_texts_beside_numbers(tmp_path):
    text, number = mm.Input((1,), dtype="string", name="text"), mm.Input((3,), name="number")
    short = adapted(output_sequence_length=3)
    count = adapted(output_mode="count")
    embedded = layers.Flatten()(layers.Embedding(short.vocabulary_size(), 2)(short(text)))
    joined = layers.Concatenate()([embedded, count(text), number])  # the text is read twice
    model = mm.Model([text, number], layers.Dense(1)(joined))
    model.compile("sgd", "mse")
    expected = model.predict([np.array(TEXTS), NUMBERS])
    named = {"number": NUMBERS.astype(object), "text": TEXTS}
    np.testing.assert_array_equal(model.predict(named), expected)
    history = model.fit(named, LABELS, verbose=0, validation_split=0.3)
    assert "val_loss" in history.history
    model.save(tmp_path / "m.maeum")
    again = mm.saving.load_model(tmp_path / "m.maeum")
    np.testing.assert_array_equal(again.predict(named), model.predict(named))
    said = []
    model.summary(print_fn=said.append)
    assert "TextVectorization" in said[0]
    with pytest.raises(DataError, match=r"number holds values that are not numbers"):
        model.predict({"number": np.full((7, 3), "x"), "text": TEXTS})
    with pytest.raises(DataError, match=r"takes these inputs"):
        model.predict(TEXTS)
    with pytest.raises(DataError, match="same number of rows"):
        model.predict({"number": NUMBERS[:3], "text": TEXTS})


def test_a_text_model_inside_another(trained, tmp_path):
    outer = mm.Sequential([trained, layers.Dense(2, use_bias=False)])
    expected = by_hand(trained, TEXTS) @ outer.get_weights()[-1]
    np.testing.assert_allclose(outer.predict(TEXTS), expected, rtol=1e-4)
    outer.save(tmp_path / "m.maeum")
    again = mm.saving.load_model(tmp_path / "m.maeum")
    np.testing.assert_array_equal(again.predict(TEXTS), outer.predict(TEXTS))
    begun = mm.Input((), dtype="string")
    again = mm.Model(begun, trained(begun))
    np.testing.assert_allclose(again.predict(TEXTS), by_hand(trained, TEXTS), rtol=1e-4)


def test_a_host_layer_of_ones_own():
    class Lengths(HostLayer):
        def call(self, inputs):
            texts, shape = text_array(inputs)
            return np.array([len(text) for text in texts], "float32").reshape(shape)

        def compute_output_shape(self, input_shape):
            return input_shape

    class Shout(Lengths):
        output_dtype = "string"

        def call(self, inputs):
            texts, shape = text_array(inputs)
            return np.array([text.upper() for text in texts], dtype=object).reshape(shape)

    text = mm.Input((1,), dtype="string")
    words = StringLookup(vocabulary=["BAD"])
    model = mm.Model(text, [Lengths()(text), words(Shout()(text))])
    lengths, found = model.predict(["bad", "good"])
    assert lengths.tolist() == [[3], [4]]
    assert found.tolist() == [[1], [0]]


def test_what_is_no_text_is_named_with_its_row(trained):
    cases = [
        (["a", None], "Row 1 .* None"),
        (["a", "b", np.nan], "Row 2 .* nan"),
        (pd.Series(["a", None]), "Row 1"),
        (["a", 3], "Row 1 .* 3"),
        ([1, 2, 3], "Row 0 .*takes texts, is 1"),
        (NUMBERS, "takes texts"),
        (pd.Series([1, 2]), "takes texts"),
        ("a text", "give a list of texts"),
        ([], "no rows"),
        ([["a"], ["b", "c"]], "Row 0"),
    ]
    for wrong, said in cases:
        with pytest.raises(DataError, match=said):
            trained.predict(wrong)
    with pytest.raises(ShapeError, match=r"\(rows, 1\)"):
        trained.predict([["a", "b"]])
    with pytest.raises(DataError, match="Row 0"):
        trained.fit(TEXTS, LABELS, validation_data=([None, "a"], [1, 0]), verbose=0)


def test_texts_where_none_can_be():
    text = mm.Input((1,), dtype="string")
    count = adapted(output_mode="count")
    with pytest.raises(ConfigError, match="Texts cannot be computed with"):
        layers.Dense(1)(text)
    with pytest.raises(ConfigError, match="Texts cannot be computed with"):
        text + 1
    with pytest.raises(ConfigError, match="takes texts, and its input is float32"):
        adapted()(mm.Input((1,)))
    with pytest.raises(ConfigError, match="outputs of a model are numbers"):
        mm.Model(text, text)
    with pytest.raises(ConfigError, match="no vocabulary yet"):
        TextVectorization(output_mode="count")(text)
    number = mm.Input((2,))
    back = StringLookup(vocabulary=["a"], invert=True)(layers.Dense(1)(number))
    with pytest.raises(ConfigError, match="only what a model is given"):
        mm.Model(number, StringLookup(vocabulary=["a"])(back))
    count(text)
    with pytest.raises(ConfigError, match="stands in a model already"):
        count.adapt(["a"])

    class Net(mm.Model):
        def __init__(self):
            super().__init__()
            self.read = adapted()

        def call(self, x):
            return self.read(x)

    with pytest.raises(MaeumError, match="TextVectorization"):
        Net().predict(TEXTS)
    with pytest.raises(ConfigError, match="on the host"):
        Net().predict(NUMBERS)


def test_a_configuration_goes_through_json():
    """Everything that a layer was made with and learnt, functions by their registered names."""

    @mm.register(package="test_text_vectorization")
    def by_comma(text):
        return text.split(",")

    for options in (
        {"split": by_comma, "standardize": Normalizer("NFKC", lower=True), "ngrams": (1, 2)},
        {"split": "words", "output_mode": "tf_idf", "max_tokens": 9, "pad_to_max_tokens": True},
        {"split": "jamo", "output_sequence_length": 7},
    ):
        layer = adapted(["Ａ,b", "b,c"], **options)
        again = TextVectorization.from_config(json.loads(json.dumps(layer.get_config())))
        np.testing.assert_array_equal(again(["a,b,x", ""]), layer(["a,b,x", ""]))
        assert again.get_config() == layer.get_config()
    unnamed = mm.Sequential([adapted(split=lambda text: [text]), layers.Embedding(9, 2)])
    with pytest.raises(ConfigError, match="register"):
        unnamed.to_json()
