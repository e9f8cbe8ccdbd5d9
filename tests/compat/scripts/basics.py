# Tensors, scopes and what else a first chapter shows.
import numpy as np
import tensorflow as tf

RESULT = {}
hello = tf.constant("Hello, TensorFlow!")
sess = tf.Session()
RESULT["hello"] = sess.run(hello)
node1 = tf.constant(3.0, tf.float32)
node2 = tf.constant(4.0)
node3 = tf.add(node1, node2)
RESULT["repr"] = str(node3)
RESULT["sum"] = sess.run([node1, node2]), sess.run(node3)
a = tf.placeholder(tf.float32)
b = tf.placeholder(tf.float32)
adder_node = a + b
RESULT["adder"] = sess.run(adder_node, feed_dict={a: [1, 3], b: [2, 4]})
RESULT["fed_inside"] = sess.run(adder_node * 3, {adder_node: 2})

sess = tf.InteractiveSession()
t = tf.constant([1, 2, 3, 4])
RESULT["shape"] = tf.shape(t).eval()
matrix1 = tf.constant([[3.0, 3.0]])
matrix2 = tf.constant([[2.0], [2.0]])
RESULT["product"] = tf.matmul(matrix1, matrix2).eval(), (matrix1 * matrix2).eval()
x = [[1.0, 2.0], [3.0, 4.0]]
RESULT["means"] = [
    tf.reduce_mean([1, 2], axis=0).eval(),
    tf.reduce_mean(x).eval(),
    tf.reduce_mean(tf.reduce_sum(x, axis=-1)).eval(),
]
RESULT["argmax"] = tf.argmax([[0, 1, 2], [2, 1, 0]], axis=1).eval()
t = np.array([[[0, 1, 2], [3, 4, 5]], [[6, 7, 8], [9, 10, 11]]])
RESULT["reshape"] = tf.reshape(t, shape=[-1, 1, 3]).eval().shape
RESULT["squeeze"] = tf.squeeze([[0], [1], [2]]).eval(), tf.expand_dims([0, 1, 2], 1).eval()
RESULT["cast"] = (
    tf.cast([1.8, 2.2, True], tf.int32).eval() if False else tf.cast([1.8, 2.2], tf.int32).eval()
)
RESULT["stack"] = tf.stack([[1, 4], [2, 5], [3, 6]], axis=-1).eval()
RESULT["like"] = tf.ones_like([[0, 1, 2]]).eval(), tf.zeros_like([[0, 1, 2]]).eval()
RESULT["zip"] = [int(x + y) for x, y in zip([1, 2, 3], [4, 5, 6])]
RESULT["slices"] = tf.constant(np.arange(12).reshape(3, 4))[1:, ::2].eval()
unstacked = tf.unstack(tf.constant(x))
RESULT["unstack"] = unstacked[1].eval()
parts = tf.split(tf.constant(np.arange(6.0)), 3)
RESULT["split"] = parts[2].eval()
RESULT["where"] = tf.where(tf.constant([True, False]), [1, 2], [3, 4]).eval()
RESULT["range"] = tf.range(2, 10, 3).eval()
RESULT["div"] = tf.div(7, 2).eval(), tf.div(7.0, 2).eval(), (tf.constant(7) // 2).eval()
RESULT["cond"] = tf.cond(tf.constant(2) < 3, lambda: tf.constant(1), lambda: tf.constant(0)).eval()
i = tf.constant(0)
RESULT["while"] = (
    tf.while_loop(lambda i: tf.less(i, 10), lambda i: [tf.add(i, 1)], [i])[0].eval()
    if False
    else sess.run(tf.while_loop(lambda i: tf.less(i, 10), lambda i: tf.add(i, 1), [i]))
)
RESULT["map"] = tf.map_fn(lambda v: v * v, tf.constant([1.0, 2.0, 3.0])).eval()

counter = tf.Variable(0, name="counter")
new_value = tf.assign(counter, tf.add(counter, 1))
sess.run(tf.global_variables_initializer())
RESULT["counter"] = [int(sess.run(new_value)) for _ in range(3)]
with tf.control_dependencies([counter.assign_add(10)]):
    after = tf.identity(counter)
RESULT["after"] = int(sess.run(after))
with tf.variable_scope("foo"):
    v = tf.get_variable("v", [1])
with tf.variable_scope("foo", reuse=True):
    v1 = tf.get_variable("v", [1])
RESULT["shared"] = v1 is v, v.name
