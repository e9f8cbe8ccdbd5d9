# A series by an LSTM: the error of the next day becomes small.
import numpy as np
import tensorflow as tf

tf.set_random_seed(777)
seq_length, data_dim, hidden_dim, output_dim = 7, 5, 10, 1
days = np.arange(400)
xy = np.stack([np.sin(days / 9 + k) * 0.5 + 0.5 for k in range(5)], 1)
dataX = np.array([xy[i : i + seq_length] for i in range(len(xy) - seq_length)])
dataY = np.array([xy[i + seq_length, [-1]] for i in range(len(xy) - seq_length)])
trainX, testX, trainY, testY = dataX[:280], dataX[280:], dataY[:280], dataY[280:]

X = tf.placeholder(tf.float32, [None, seq_length, data_dim])
Y = tf.placeholder(tf.float32, [None, 1])


def lstm_cell():
    cell = tf.contrib.rnn.BasicLSTMCell(num_units=hidden_dim, activation=tf.tanh)
    return cell


multi = tf.contrib.rnn.MultiRNNCell([lstm_cell() for _ in range(2)], state_is_tuple=True)
outputs, _states = tf.nn.dynamic_rnn(multi, X, dtype=tf.float32)
Y_pred = tf.contrib.layers.fully_connected(outputs[:, -1], output_dim, activation_fn=None)
loss = tf.reduce_sum(tf.square(Y_pred - Y))
train = tf.train.AdamOptimizer(0.01).minimize(loss)
targets = tf.placeholder(tf.float32, [None, 1])
predictions = tf.placeholder(tf.float32, [None, 1])
rmse = tf.sqrt(tf.reduce_mean(tf.square(targets - predictions)))

with tf.Session() as sess:
    init = tf.global_variables_initializer()
    sess.run(init)
    for i in range(300):
        _, step_loss = sess.run([train, loss], feed_dict={X: trainX, Y: trainY})
    test_predict = sess.run(Y_pred, feed_dict={X: testX})
    rmse_val = sess.run(rmse, feed_dict={targets: testY, predictions: test_predict})
    print(f"RMSE: {rmse_val}")
RESULT = {"rmse": rmse_val, "names": [v.name for v in tf.trainable_variables()]}
