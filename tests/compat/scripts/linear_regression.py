# A line through three points: W becomes 1, b becomes 0.
import tensorflow as tf

tf.set_random_seed(777)

x_train = [1, 2, 3]
y_train = [1, 2, 3]

W = tf.Variable(tf.random_normal([1]), name="weight")
b = tf.Variable(tf.random_normal([1]), name="bias")
hypothesis = x_train * W + b
cost = tf.reduce_mean(tf.square(hypothesis - y_train))

train = tf.train.GradientDescentOptimizer(learning_rate=0.01).minimize(cost)

sess = tf.Session()
sess.run(tf.global_variables_initializer())
for step in range(2001):
    sess.run(train)
    if step % 500 == 0:
        print(step, sess.run(cost), sess.run(W), sess.run(b))

RESULT = {"cost": sess.run(cost), "W": sess.run(W)[0], "b": sess.run(b)[0]}

# The same with placeholders.
X = tf.placeholder(tf.float32)
Y = tf.placeholder(tf.float32, shape=[None])
line = X * W + b
loss = tf.reduce_mean(tf.square(line - Y))
step = tf.train.GradientDescentOptimizer(0.01).minimize(loss)
for _ in range(2001):
    loss_val, W_val, b_val, _ = sess.run(
        [loss, W, b, step], feed_dict={X: [1, 2, 3, 4, 5], Y: [2.1, 3.1, 4.1, 5.1, 6.1]}
    )
RESULT["prediction"] = sess.run(line, feed_dict={X: [5, 2.5]}).tolist()

# By hand: the gradient, and an assignment.
w = tf.Variable(5.0)
gradient = tf.reduce_mean((w * x_train - y_train) * x_train) * 2
update = w.assign(w - 0.1 * gradient)
optimizer = tf.train.GradientDescentOptimizer(0.01)
pairs = optimizer.compute_gradients(tf.reduce_mean(tf.square(w * x_train - y_train)))
sess.run(tf.global_variables_initializer())
by_hand, found = sess.run([gradient, pairs[-1][0]])
RESULT["gradients"] = (by_hand, found)
for _ in range(21):
    sess.run(update)
RESULT["w"] = sess.run(w)
