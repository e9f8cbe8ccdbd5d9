"""Running graphs: what is fetched and fed, and what is refused."""

import sys

import numpy as np
import pytest

import maeum.compat


@pytest.fixture
def tf():
    maeum.compat.install(shadow=True, graph=True)
    import tensorflow

    graph = tensorflow.Graph()
    with graph.as_default():
        yield tensorflow
    maeum.compat.uninstall()


def test_nested_fetches_keep_their_structure(tf):
    a, b = tf.constant(1.0), tf.constant(2)
    with tf.Session() as sess:
        found = sess.run({"x": [a, (b, a + 1)], "y": "Const:0", "z": tf.no_op()})
    assert found == {"x": [1.0, (2, 2.0)], "y": 1.0, "z": None}
    assert type(found["x"][1]) is tuple
    assert found["x"][0].dtype == np.float32


def test_any_tensor_may_be_fed(tf):
    x = tf.placeholder(tf.float32, [None])
    y = x * 2
    z = tf.reduce_sum(y) + tf.Variable(1.0)
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        assert sess.run(z, {y: [1, 2]}) == 4
        assert sess.run(z, {x: [1, 2]}) == 7


def test_an_unfed_placeholder_is_named(tf):
    x = tf.placeholder(tf.float32, name="features")
    with tf.Session() as sess, pytest.raises(tf.errors.InvalidArgumentError, match="'features'"):
        sess.run(x + 1)


@pytest.mark.parametrize(
    ("value", "error"),
    [(np.zeros((2, 3)), "shape"), ([["a", "b"]], "Cannot feed"), ([[1, 2], [3]], "Cannot feed")],
)
def test_a_feed_that_does_not_fit(tf, value, error):
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    with tf.Session() as sess, pytest.raises(ValueError, match=error):
        sess.run(x * 2, {x: value})


def test_a_fraction_is_no_whole_number(tf):
    x = tf.placeholder(tf.int32, [])
    with tf.Session() as sess:
        assert sess.run(x, {x: 2.0}) == 2
        with pytest.raises(ValueError, match="int32"):
            sess.run(x, {x: 2.5})


def test_a_tensor_cannot_be_fed_as_a_value(tf):
    x, y = tf.placeholder(tf.float32), tf.constant(1.0)
    with tf.Session() as sess, pytest.raises(TypeError, match="run that first"):
        sess.run(x, {x: y})


def test_a_variable_before_its_initialization(tf):
    w = tf.Variable(1.0, name="w")
    with tf.Session() as sess:
        with pytest.raises(tf.errors.FailedPreconditionError, match="'w'"):
            sess.run(w + 1)
        assert not sess.run(tf.is_variable_initialized(w))
        w.initializer.run()
        assert sess.run(w + 1) == 2


def test_a_graph_of_another_session(tf):
    x = tf.constant(1.0)
    with tf.Graph().as_default(), tf.Session() as sess:
        with pytest.raises(ValueError, match="another graph"):
            sess.run(x)
        with pytest.raises(ValueError, match="another graph"):
            tf.constant(1.0) + x


def test_each_session_has_values_of_its_own(tf):
    w = tf.Variable(tf.random_normal([3]))
    one, two = tf.Session(), tf.Session()
    for sess in (one, two):
        sess.run(tf.global_variables_initializer())
    w.load([1, 2, 3], one)
    assert one.run(w).tolist() == [1, 2, 3]
    assert two.run(w).tolist() != [1, 2, 3]


def test_a_closed_session_says_so(tf):
    sess = tf.Session()
    x = tf.constant(1.0)
    sess.run(x)
    sess.close()
    with pytest.raises(RuntimeError, match="closed"):
        sess.run(x)


def test_without_a_session_eval_says_what_to_do(tf):
    with pytest.raises(ValueError, match="Session"):
        tf.constant(1.0).eval()


def test_a_loop_compiles_once(tf, monkeypatch):
    import jax

    x = tf.placeholder(tf.float32, [None, 2])
    w = tf.Variable(tf.ones([2, 1]))
    loss = tf.reduce_mean(tf.square(tf.matmul(x, w) - 1))
    train = tf.train.AdamOptimizer(0.1).minimize(loss)
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        sess.run([train, loss], {x: np.ones((4, 2))})
        with jax.log_compiles(), pytest.MonkeyPatch.context() as patch:
            said = []
            patch.setattr("logging.Logger.handle", lambda self, record: said.append(record))
            for _ in range(5):
                sess.run([train, loss], feed_dict={x: np.ones((4, 2))})
        plans = len(sess._plans)
        for _ in range(3):
            sess.run({"a": [train, (w, loss)]}, feed_dict={x: np.ones((4, 2))})
        assert len(sess._plans) == plans + 1
    assert not [record for record in said if "ompil" in record.getMessage()]


def test_a_read_sees_the_value_from_before_the_run(tf):
    w = tf.Variable(1.0)
    twice = w * 2
    changed = w.assign_add(1.0)
    with tf.control_dependencies([changed]):
        behind = w * 2
    with tf.Session() as sess:
        sess.run(w.initializer)
        assert sess.run([twice, changed, behind]) == [2, 2, 4]


def test_two_additions_in_one_run_both_count(tf):
    w = tf.Variable(0)
    both = tf.group(w.assign_add(1), w.assign_add(10))
    with tf.Session() as sess:
        sess.run(w.initializer)
        sess.run(both)
        assert sess.run(w) == 11


def test_random_numbers_follow_from_the_seed_and_the_run(tf):
    def numbers(seed):
        with tf.Graph().as_default(), tf.Session() as sess:
            tf.set_random_seed(seed)
            x = tf.random_normal([3])
            return [sess.run(x).tolist() for _ in range(2)]

    assert numbers(1) == numbers(1)
    assert numbers(1) != numbers(2)
    assert numbers(1)[0] != numbers(1)[1]


def test_a_batch_size_that_is_fed(tf):
    n = tf.placeholder(tf.int32, [])
    zeros = tf.zeros([n, 2]) + 1
    with tf.Session() as sess:
        assert sess.run(zeros, {n: 3}).shape == (3, 2)
        assert sess.run(zeros, {n: 1}).shape == (1, 2)


def test_gradients(tf):
    x = tf.placeholder(tf.float32, [2])
    w = tf.Variable([1.0, 2.0])
    middle = w * x
    y = tf.reduce_sum(middle**3)
    first = tf.gradients(y, [w, x, middle, tf.Variable(1.0)])
    (second,) = tf.gradients(tf.reduce_sum(first[0]), w)
    stopped = tf.gradients(tf.reduce_sum(tf.stop_gradient(w) * w), w)[0]
    values = np.array([3.0, 4.0])
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        found = sess.run([*first[:3], second, stopped], {x: values})
    assert first[3] is None
    w, m = np.array([1.0, 2.0]), np.array([3.0, 8.0])
    expected = [3 * m**2 * values, 3 * m**2 * w, 3 * m**2, 6 * m * values**2, w]
    for one, other in zip(found, expected):
        np.testing.assert_allclose(one, other, rtol=1e-5)


def test_a_gradient_through_batch_normalization_runs_its_updates(tf):
    x = tf.placeholder(tf.float32, [None, 3])
    y = tf.layers.batch_normalization(x, momentum=0.5, training=True)
    loss = tf.reduce_mean(tf.square(tf.layers.dense(y, 1)))
    with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
        train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
    data = np.random.default_rng(0).normal(3, 2, (50, 3))
    (mean,) = [v for v in tf.global_variables() if "moving_mean" in v.name]
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        sess.run(train, {x: data})
        np.testing.assert_allclose(sess.run(mean), data.mean(0) / 2, rtol=1e-5)


def test_names_are_tensorflows(tf):
    with tf.name_scope("a"):
        x = tf.constant(1.0)
        with tf.name_scope("b"):
            y = tf.constant(1.0) + x
    with tf.name_scope("a"):
        z = tf.placeholder(tf.float32, [None, 3], name="input")
    names = [t.name for t in (x, y, z)]
    assert names == ["a/Const:0", "a/b/add:0", "a_1/input:0"]
    assert str(z) == 'Tensor("a_1/input:0", shape=(?, 3), dtype=float32)'
    assert tf.get_default_graph().get_tensor_by_name("a/b/add:0") is y
    assert z.get_shape().as_list() == [None, 3]
    assert z.shape[1].value == 3
    assert z.shape[0].value is None
    with pytest.raises(ValueError, match="Did you mean 'a_1/input'"):
        tf.get_default_graph().get_operation_by_name("a_1/inputs")


def test_variables_are_shared_by_name(tf):
    def layer(x):
        with tf.variable_scope("layer", reuse=tf.AUTO_REUSE):
            return tf.layers.dense(x, 2, name="dense")

    layer(tf.ones([1, 3]))
    layer(tf.zeros([1, 3]))
    assert [v.name for v in tf.global_variables()] == ["layer/dense/kernel:0", "layer/dense/bias:0"]
    with pytest.raises(ValueError, match="there already"), tf.variable_scope("layer"):
        tf.get_variable("dense/kernel", [3, 2])
    with pytest.raises(ValueError, match="no variable"), tf.variable_scope("layer", reuse=True):
        tf.get_variable("dense/kernels", [3, 2])


def test_a_wrong_argument_is_named(tf):
    with pytest.raises(TypeError, match=r"axes.*axis"):
        tf.reduce_mean([1.0], axes=0)
    with pytest.raises(TypeError, match=r"relu\(\).*'features'"):
        tf.nn.relu(labels=1)
    with pytest.raises(ValueError, match="by their names"):
        tf.nn.softmax_cross_entropy_with_logits([[1.0]], [[1.0]])


def test_an_optimizer_without_gradients(tf):
    tf.Variable(1.0)
    with pytest.raises(ValueError, match="No gradients"):
        tf.train.AdamOptimizer().minimize(tf.constant(1.0) * 2)


def test_a_checkpoint_that_is_not_there(tf, tmp_path):
    tf.Variable(1.0, name="w")
    saver = tf.train.Saver()
    with tf.Session() as sess:
        with pytest.raises(OSError, match="no checkpoint"):
            saver.restore(sess, str(tmp_path / "model"))
        with pytest.raises(RuntimeError, match="has not been initialized"):
            saver.save(sess, str(tmp_path / "model"))
    assert tf.train.latest_checkpoint(str(tmp_path)) is None


def test_checkpoints_are_kept_and_forgotten(tf, tmp_path):
    w = tf.Variable(0.0, name="w")
    saver = tf.train.Saver(max_to_keep=2)
    with tf.Session() as sess:
        sess.run(w.initializer)
        for step in range(4):
            sess.run(w.assign(step))
            saver.save(sess, str(tmp_path / "model"), global_step=step)
    assert sorted(p.name for p in tmp_path.glob("*.index")) == ["model-2.index", "model-3.index"]
    latest = tf.train.latest_checkpoint(str(tmp_path))
    with tf.Session() as sess:
        saver.restore(sess, latest)
        assert sess.run(w) == 3
        with pytest.raises(OSError, match="no variable 'v'"):
            tf.train.Saver({"v": w}).restore(sess, latest)


def test_modules_are_tensorflows_only_while_installed(tf):
    assert sys.modules["tensorflow"] is tf
    maeum.compat.uninstall()
    assert "tensorflow" not in sys.modules


def test_a_graph_is_restored_with_its_training(tf, tmp_path):
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    y = tf.layers.dense(x, 1, activation=tf.nn.sigmoid, name="out")
    loss = tf.reduce_mean(tf.square(y - 1), name="loss")
    tf.train.AdamOptimizer(0.1).minimize(loss, name="train")
    data = np.ones((3, 2))
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        sess.run("train", {"x:0": data})
        path = tf.train.Saver().save(sess, str(tmp_path / "model"))
        sess.run("train", {"x:0": data})
        expected = sess.run(["loss:0", "out/kernel:0"], {"x:0": data})
    with tf.Graph().as_default() as graph, tf.Session() as sess:
        saver = tf.train.import_meta_graph(f"{path}.meta")
        saver.restore(sess, path)
        sess.run(graph.get_operation_by_name("train"), {"x:0": data})
        found = sess.run(["loss:0", "out/kernel:0"], {"x:0": data})
        assert [v.name for v in tf.trainable_variables()] == ["out/kernel:0", "out/bias:0"]
    for one, other in zip(found, expected):
        np.testing.assert_allclose(one, other, rtol=1e-6)


def test_what_a_script_made_itself_is_refused_after_its_restoring(tf, tmp_path):
    doubled = tf.py_func(lambda x: 2 * x, [tf.constant(2.0)], tf.float32, name="own")
    with tf.Session() as sess:
        assert sess.run(doubled) == 4
    tf.train.export_meta_graph(str(tmp_path / "graph.meta"))
    with tf.Graph().as_default(), tf.Session() as sess:
        tf.train.import_meta_graph(str(tmp_path / "graph.meta"))
        with pytest.raises(tf.errors.UnimplementedError, match="'own'"):
            sess.run("own:0")
