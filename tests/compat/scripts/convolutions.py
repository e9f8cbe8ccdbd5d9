# Digits by two convolutions, with dropout and a checkpoint: over nine in ten are right.
import sys

import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits

folder = sys.argv[1]
tf.set_random_seed(777)
digits = load_digits()
images, labels = digits.images.reshape(-1, 64) / 16, np.eye(10)[digits.target]

keep_prob = tf.placeholder(tf.float32)
global_step = tf.Variable(0, trainable=False, name="global_step")
X = tf.placeholder(tf.float32, [None, 64])
X_img = tf.reshape(X, [-1, 8, 8, 1])
Y = tf.placeholder(tf.float32, [None, 10])

W1 = tf.Variable(tf.random_normal([3, 3, 1, 16], stddev=0.1))
L1 = tf.nn.conv2d(X_img, W1, strides=[1, 1, 1, 1], padding="SAME")
L1 = tf.nn.relu(L1)
L1 = tf.nn.max_pool(L1, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="SAME")
L1 = tf.nn.dropout(L1, keep_prob=keep_prob)
W2 = tf.Variable(tf.random_normal([3, 3, 16, 32], stddev=0.1))
L2 = tf.nn.relu(tf.nn.conv2d(L1, W2, strides=[1, 1, 1, 1], padding="SAME"))
L2 = tf.nn.max_pool(L2, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="SAME")
L2_flat = tf.reshape(L2, [-1, 2 * 2 * 32])
W3 = tf.get_variable(
    "W3", shape=[2 * 2 * 32, 10], initializer=tf.contrib.layers.xavier_initializer()
)
b = tf.Variable(tf.random_normal([10]))
logits = tf.matmul(L2_flat, W3) + b

cost = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits_v2(logits=logits, labels=Y))
rate = tf.train.exponential_decay(0.01, global_step, 200, 0.9, staircase=True)
optimizer = tf.train.AdamOptimizer(learning_rate=rate).minimize(cost, global_step=global_step)
correct = tf.equal(tf.argmax(logits, 1), tf.argmax(Y, 1))
accuracy = tf.reduce_mean(tf.cast(correct, tf.float32))

saver = tf.train.Saver()
sess = tf.Session()
sess.run(tf.global_variables_initializer())
for epoch in range(14):
    avg_cost = 0
    total_batch = int(1500 / 100)
    for i in range(total_batch):
        batch_xs, batch_ys = images[i * 100 : (i + 1) * 100], labels[i * 100 : (i + 1) * 100]
        c, _ = sess.run([cost, optimizer], feed_dict={X: batch_xs, Y: batch_ys, keep_prob: 0.7})
        avg_cost += c / total_batch
    print("Epoch:", "%04d" % (epoch + 1), "cost =", f"{avg_cost:.9f}")
saver.save(sess, folder + "/model", global_step=global_step)
test = {X: images[1500:], Y: labels[1500:], keep_prob: 1}
RESULT = {"accuracy": sess.run(accuracy, feed_dict=test), "steps": sess.run(global_step)}
before = sess.run(logits, feed_dict=test)
sess.close()

with tf.Session() as again:
    checkpoint = tf.train.get_checkpoint_state(folder)
    saver.restore(again, checkpoint.model_checkpoint_path)
    RESULT["same"] = (before == again.run(logits, feed_dict=test)).all()
    RESULT["path"] = tf.train.latest_checkpoint(folder)
