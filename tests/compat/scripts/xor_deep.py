# XOR by four layers, seen by TensorBoard: the accuracy becomes 1.
import sys

import numpy as np
import tensorflow as tf

folder = sys.argv[1]
tf.set_random_seed(777)
x_data = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.float32)
y_data = np.array([[0], [1], [1], [0]], dtype=np.float32)

X = tf.placeholder(tf.float32, [None, 2], name="x-input")
Y = tf.placeholder(tf.float32, [None, 1], name="y-input")

with tf.name_scope("layer1") as scope:
    W1 = tf.Variable(tf.random_normal([2, 10]), name="weight1")
    b1 = tf.Variable(tf.random_normal([10]), name="bias1")
    layer1 = tf.sigmoid(tf.matmul(X, W1) + b1)
    w1_hist = tf.summary.histogram("weights1", W1)
    layer1_hist = tf.summary.histogram("layer1", layer1)
with tf.name_scope("layer2") as scope:
    W2 = tf.Variable(tf.random_normal([10, 10]), name="weight2")
    b2 = tf.Variable(tf.random_normal([10]), name="bias2")
    layer2 = tf.sigmoid(tf.matmul(layer1, W2) + b2)
with tf.name_scope("layer3") as scope:
    W3 = tf.Variable(tf.random_normal([10, 1]), name="weight3")
    b3 = tf.Variable(tf.random_normal([1]), name="bias3")
    hypothesis = tf.sigmoid(tf.matmul(layer2, W3) + b3)
with tf.name_scope("cost") as scope:
    cost = -tf.reduce_mean(Y * tf.log(hypothesis) + (1 - Y) * tf.log(1 - hypothesis))
    cost_summ = tf.summary.scalar("cost", cost)
with tf.name_scope("train") as scope:
    train = tf.train.AdamOptimizer(learning_rate=0.05).minimize(cost)

predicted = tf.cast(hypothesis > 0.5, dtype=tf.float32)
accuracy = tf.reduce_mean(tf.cast(tf.equal(predicted, Y), dtype=tf.float32))
accuracy_summ = tf.summary.scalar("accuracy", accuracy)

with tf.Session() as sess:
    merged_summary = tf.summary.merge_all()
    writer = tf.summary.FileWriter(folder)
    writer.add_graph(sess.graph)
    sess.run(tf.global_variables_initializer())
    for step in range(301):
        _, summary, cost_val = sess.run(
            [train, merged_summary, cost], feed_dict={X: x_data, Y: y_data}
        )
        writer.add_summary(summary, global_step=step)
    writer.close()
    h, p, a = sess.run([hypothesis, predicted, accuracy], feed_dict={X: x_data, Y: y_data})
    print(f"Hypothesis:\n{h} \nPredicted:\n{p} \nAccuracy:\n{a}")

RESULT = {"accuracy": a, "cost": cost_val, "names": [W1.name, cost.name]}
