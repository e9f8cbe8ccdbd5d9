# Digits by tf.layers in a class, and an ensemble of two: over nine in ten are right.
import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits

tf.set_random_seed(777)
digits = load_digits()
images, labels = digits.images.reshape(-1, 64) / 16, np.eye(10)[digits.target]


class Model:
    def __init__(self, sess, name):
        self.sess = sess
        self.name = name
        self._build_net()

    def _build_net(self):
        with tf.variable_scope(self.name):
            self.training = tf.placeholder(tf.bool)
            self.X = tf.placeholder(tf.float32, [None, 64])
            X_img = tf.reshape(self.X, [-1, 8, 8, 1])
            self.Y = tf.placeholder(tf.float32, [None, 10])
            conv1 = tf.layers.conv2d(
                inputs=X_img, filters=16, kernel_size=[3, 3], padding="SAME", activation=tf.nn.relu
            )
            pool1 = tf.layers.max_pooling2d(
                inputs=conv1, pool_size=[2, 2], padding="SAME", strides=2
            )
            dropout1 = tf.layers.dropout(inputs=pool1, rate=0.3, training=self.training)
            flat = tf.contrib.layers.flatten(dropout1)
            dense = tf.layers.dense(inputs=flat, units=64)
            norm = tf.layers.batch_normalization(dense, momentum=0.9, training=self.training)
            self.logits = tf.layers.dense(inputs=tf.nn.relu(norm), units=10)
        self.cost = tf.reduce_mean(
            tf.nn.softmax_cross_entropy_with_logits(logits=self.logits, labels=self.Y)
        )
        updates = tf.get_collection(tf.GraphKeys.UPDATE_OPS, scope=self.name)
        with tf.control_dependencies(updates):
            self.optimizer = tf.train.AdamOptimizer(learning_rate=0.01).minimize(self.cost)
        correct = tf.equal(tf.argmax(self.logits, 1), tf.argmax(self.Y, 1))
        self.accuracy = tf.reduce_mean(tf.cast(correct, tf.float32))

    def predict(self, x_test, training=False):
        return self.sess.run(self.logits, feed_dict={self.X: x_test, self.training: training})

    def get_accuracy(self, x_test, y_test, training=False):
        feed = {self.X: x_test, self.Y: y_test, self.training: training}
        return self.sess.run(self.accuracy, feed_dict=feed)

    def train(self, x_data, y_data, training=True):
        feed = {self.X: x_data, self.Y: y_data, self.training: training}
        return self.sess.run([self.cost, self.optimizer], feed_dict=feed)


sess = tf.Session()
models = [Model(sess, "model" + str(m)) for m in range(2)]
sess.run(tf.global_variables_initializer())
for epoch in range(8):
    for i in range(15):
        for m in models:
            c, _ = m.train(images[i * 100 : (i + 1) * 100], labels[i * 100 : (i + 1) * 100])
predictions = np.zeros([297, 10])
RESULT = {"each": []}
for m in models:
    RESULT["each"].append(m.get_accuracy(images[1500:], labels[1500:]))
    predictions += m.predict(images[1500:])
correct = tf.equal(tf.argmax(predictions, 1), tf.argmax(labels[1500:], 1))
RESULT["accuracy"] = sess.run(tf.reduce_mean(tf.cast(correct, tf.float32)))
RESULT["names"] = [v.name for v in tf.trainable_variables()][:4]
