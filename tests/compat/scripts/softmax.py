# Softmax, written out and by tf.nn: the accuracy becomes 1.
import numpy as np
import tensorflow as tf

tf.set_random_seed(777)
x_data = [
    [1, 2, 1, 1],
    [2, 1, 3, 2],
    [3, 1, 3, 4],
    [4, 1, 5, 5],
    [1, 7, 5, 5],
    [1, 2, 5, 6],
    [1, 6, 6, 6],
    [1, 7, 7, 7],
]
y_data = [[0, 0, 1], [0, 0, 1], [0, 0, 1], [0, 1, 0], [0, 1, 0], [0, 1, 0], [1, 0, 0], [1, 0, 0]]

X = tf.placeholder("float", [None, 4])
Y = tf.placeholder("float", [None, 3])
W = tf.Variable(tf.random_normal([4, 3]), name="weight")
b = tf.Variable(tf.random_normal([3]), name="bias")
logits = tf.matmul(X, W) + b
hypothesis = tf.nn.softmax(logits)
written_out = tf.reduce_mean(-tf.reduce_sum(Y * tf.log(hypothesis), axis=1))
cost = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(logits=logits, labels=Y))
optimizer = tf.train.GradientDescentOptimizer(learning_rate=0.1).minimize(cost)
correct = tf.equal(tf.argmax(hypothesis, 1), tf.argmax(Y, 1))
accuracy = tf.reduce_mean(tf.cast(correct, tf.float32))

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for step in range(2001):
        sess.run(optimizer, feed_dict={X: x_data, Y: y_data})
    feed = {X: x_data, Y: y_data}
    RESULT = {"losses": sess.run([cost, written_out], feed), "accuracy": accuracy.eval(feed)}
    a = sess.run(hypothesis, feed_dict={X: [[1, 11, 7, 9]]})
    RESULT["sum"] = a.sum()
    RESULT["class"] = sess.run(tf.argmax(a, 1))
    # Labels as numbers, one-hot in the graph.
    numbers = tf.placeholder(tf.int32, [None, 1])
    one_hot = tf.reshape(tf.one_hot(numbers, 3), [-1, 3])
    RESULT["one_hot"] = sess.run(one_hot, {numbers: np.argmax(y_data, 1)[:, None]})
