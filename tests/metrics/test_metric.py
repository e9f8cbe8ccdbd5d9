"""Own metrics, names, state, and sums that stay exact."""

import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from maeum import activations, losses, metrics
from maeum.core import randomness
from maeum.core.errors import ConfigError, ShapeError, UnknownNameError
from maeum.core.scope import Scope


def after_many(metric, times, *batch):
    """Return the state of a metric after counting one batch many times in one program."""
    variables = metric.variables

    @jax.jit
    def run(values, times):
        def body(_, values):
            with Scope(dict(zip(variables, values))) as scope:
                metric.update_state(*batch)
                return [scope.updates[v] for v in variables]

        return jax.lax.fori_loop(0, times, body, values)

    values = run([v.value for v in variables], times)
    with Scope(dict(zip(variables, values))):
        return jax.tree.map(np.asarray, metric.result())


def test_means_of_very_many_samples_do_not_drift():
    """2,000,000 times the mean of 0.1 with a weight of 1,000: float32 alone is off by percents."""
    value = after_many(metrics.Mean(), 2_000_000, jnp.array([0.1]), jnp.array([1000.0]))
    assert float(value) == pytest.approx(0.1, rel=2e-7)


def test_sums_of_very_many_samples_do_not_drift():
    total = after_many(metrics.Sum(), 3_000_000, jnp.array([0.1]))
    assert float(total) == pytest.approx(3_000_000 * float(np.float32(0.1)), rel=2e-7)


def test_counts_do_not_stop_at_two_to_the_24():
    batch = jnp.array([[1.0]]), jnp.array([[0.9]]), jnp.array([1001.0])
    assert float(after_many(metrics.TruePositives(), 100_000, *batch)) == 100_100_000
    matrix = after_many(metrics.ConfusionMatrix(num_classes=2), 100_000, *batch)
    assert matrix.tolist() == [[0, 0], [0, 100_100_000]]


class Mistakes(metrics.Metric):
    """Written the Keras way."""

    def __init__(self, name="mistakes", weight=1.0, **kwargs):
        super().__init__(name=name, **kwargs)
        self.weight = weight
        self.count = self.add_weight(name="count", initializer="zeros")
        self.start = self.add_variable((2,), "ones", name="start")

    def update_state(self, y_true, y_pred, sample_weight=None):
        wrong = jnp.asarray(jnp.round(y_pred) != y_true, self.dtype)
        if sample_weight is not None:
            wrong = wrong * sample_weight
        self.count.assign_add(self.weight * jnp.sum(wrong))

    def result(self):
        return {"mistakes": self.count.value, "start": self.start[1]}


def test_own_metrics_work_eagerly_and_in_a_program(stream):
    y_true, y_pred = np.array([1.0, 0.0, 1.0]), np.array([0.2, 0.1, 0.3])
    metric = Mistakes(weight=2.0)
    assert [v.name for v in metric.variables] == ["count", "start"]
    assert {k: float(v) for k, v in metric(y_true, y_pred).items()} == {"mistakes": 4, "start": 1}
    metric.reset_state()
    assert float(metric.result()["mistakes"]) == 0
    count = stream(Mistakes(weight=2.0), y_true, y_pred)
    streamed = count([(y_true, y_pred, None)] * 3)
    assert float(streamed["mistakes"]) == 12
    again = Mistakes.from_config(metric.get_config())
    assert again.weight == 2


def test_a_metric_that_holds_metrics_has_their_state():
    class Both(metrics.Metric):
        def __init__(self):
            super().__init__(name="both")
            self.inner = [metrics.Mean(), metrics.Precision()]

    assert len(Both().variables) == 3


def test_forgetting_the_base_class_is_answered():
    class Forgetful(metrics.Metric):
        def __init__(self):
            self.total = self.add_weight(name="total")

    with pytest.raises(TypeError, match=r"super\(\).__init__"):
        Forgetful()


def test_functions_are_metrics():
    def bias(y_true, y_pred):
        return y_pred - y_true

    metric = metrics.get(bias)
    assert metric.name == "bias"
    assert float(metric([1.0, 2.0], [[2.0], [5.0]])) == 2  # ranks are aligned
    halves = metrics.MeanMetricWrapper(losses.huber, name="near", delta=0.5)
    again = metrics.MeanMetricWrapper.from_config(json.loads(json.dumps(halves.get_config())))
    y_true, y_pred = np.zeros((2, 1)), np.array([[1.0], [3.0]])
    assert again.name == "near"
    assert float(again(y_true, y_pred)) == float(halves(y_true, y_pred)) == (0.375 + 1.375) / 2


def test_crossentropy_metrics_use_the_logits():
    p = activations.sigmoid(jnp.array([[1e4]]))
    assert float(metrics.BinaryCrossentropy()(np.array([[0.0]]), p)) == 1e4


@pytest.mark.parametrize("make", [metrics.MeanAbsoluteError, metrics.RootMeanSquaredError])
def test_half_precision_predictions_are_measured_in_full(make):
    """257.25 has no bfloat16 of its own: the target must not be rounded to the predictions."""
    y_pred = jnp.full((4, 1), 256, jnp.bfloat16)
    assert float(make()(np.full((4, 1), 257.25), y_pred)) == 1.25


def test_making_a_metric_changes_no_seed():
    seeds = []
    for make in (list, metrics.AUC):
        randomness.set_random_seed(3)
        made = make()
        if make is not list:
            made([0, 1], [0.2, 0.7])
        seeds.append(randomness.next_seed())
    assert seeds[0] == seeds[1]


@pytest.mark.parametrize(
    ("identifier", "true_shape", "pred_shape", "kind"),
    [
        ("accuracy", (None, 1), (None, 1), metrics.BinaryAccuracy),
        ("accuracy", (8,), (8, 1), metrics.BinaryAccuracy),
        ("acc", (None,), (None, 3), metrics.SparseCategoricalAccuracy),
        ("accuracy", (None, 1), (None, 3), metrics.SparseCategoricalAccuracy),
        ("accuracy", (None, 5), (None, 5, 3), metrics.SparseCategoricalAccuracy),
        ("Accuracy", (None, 3), (None, 3), metrics.CategoricalAccuracy),
        ("auc", (None, 1), (None, 1), metrics.AUC),
        ("AUC", (None, 1), (None, 1), metrics.AUC),
        ("precision", (None, 1), (None, 1), metrics.Precision),
        ("mse", (None, 1), (None, 1), metrics.MeanSquaredError),
        ("r2_score", (None, 1), (None, 1), metrics.R2Score),
        ("confusion_matrix", (None,), (None, 4), metrics.ConfusionMatrix),
        ("f1_score", (None, 1), (None, 1), metrics.F1Score),
        ("crossentropy", (None,), (None, 3), metrics.MeanMetricWrapper),
    ],
)
def test_names_are_resolved_for_the_output(identifier, true_shape, pred_shape, kind):
    metric = metrics.resolve(identifier, true_shape, pred_shape)
    assert type(metric) is kind
    assert metric.name == identifier
    assert metric.variables  # all of the state is known before the first batch


def test_objects_keep_their_names():
    assert metrics.resolve(metrics.AUC(curve="PR", name="pr"), (None, 1), (None, 1)).name == "pr"
    assert metrics.resolve(metrics.Recall, (None, 1), (None, 1)).name == "recall"
    assert metrics.AUC().name == "auc"
    assert metrics.MeanIoU(2).name == "mean_io_u"


def test_every_metric_answers_to_its_name_and_its_config():
    extra = {
        "IoU": {"num_classes": 2, "target_class_ids": [0]},
        "OneHotIoU": {"num_classes": 2, "target_class_ids": [0]},
        "MeanIoU": {"num_classes": 2},
        "OneHotMeanIoU": {"num_classes": 2},
        "SensitivityAtSpecificity": {"specificity": 0.5},
        "SpecificityAtSensitivity": {"sensitivity": 0.5},
        "PrecisionAtRecall": {"recall": 0.5},
        "RecallAtPrecision": {"precision": 0.5},
        "MeanMetricWrapper": {"fn": losses.hinge},
        "AUC": {"label_weights": [1.0, 2.0], "multi_label": True},
    }
    for name in metrics.__all__:
        cls = getattr(metrics, name)
        if isinstance(cls, type) and cls is not metrics.Metric:
            metric = cls(**extra.get(name, {}), name="mine")
            config = json.loads(json.dumps(metric.get_config()))
            assert cls.from_config(config).name == "mine"
            if not extra.get(name):
                assert type(metrics.get(name)) is cls


def test_mistakes_are_answered():
    with pytest.raises(UnknownNameError, match="precision"):
        metrics.get("precison")
    with pytest.raises(ConfigError, match="curve"):
        metrics.AUC(curve="ROCK")
    with pytest.raises(ConfigError, match="between 0 and 1"):
        metrics.Precision(thresholds=[0.5, 1.5])
    with pytest.raises(TypeError, match="thresholds"):
        metrics.Precision(treshold=0.5)
    with pytest.raises(ConfigError, match="target_class_ids"):
        metrics.IoU(2, [2])
    with pytest.raises(ConfigError, match="average"):
        metrics.F1Score(average="mean")
    with pytest.raises(ShapeError, match=r"\(4, 3\).*\(4, 2\)"):
        metrics.Precision()(np.zeros((4, 3)), np.zeros((4, 2)))
    with pytest.raises(ShapeError, match="categorical"):
        metrics.SparseCategoricalAccuracy()(np.zeros((4, 3)), np.zeros((4, 3)))
    with pytest.raises(ShapeError, match="class_id=3"):
        metrics.Recall(class_id=3)(np.zeros((4, 3)), np.zeros((4, 3)))


def test_not_a_number_is_never_among_the_best():
    scores = np.array([[np.nan, 0.2, 0.1]])
    assert float(metrics.SparseTopKCategoricalAccuracy(k=2)([0], scores)) == 0


def test_top_k_of_sorted_class_numbers():
    metric = metrics.SparseTopKCategoricalAccuracy(k=2, from_sorted_ids=True)
    assert float(metric([1, 2], [[0, 1, 2], [0, 1, 2]])) == 0.5
