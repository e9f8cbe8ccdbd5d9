# TensorFlow 2: tapes, variables, functions, data sets.
import numpy as np
import tensorflow as tf

RESULT = {}
tf.random.set_seed(0)
x_data, y_data = np.array([1.0, 2, 3, 4, 5], "float32"), np.array([1.0, 2, 3, 4, 5], "float32")
W, b = tf.Variable(2.9), tf.Variable(0.5)
for i in range(200):
    with tf.GradientTape() as tape:
        hypothesis = W * x_data + b
        cost = tf.reduce_mean(tf.square(hypothesis - y_data))
    W_grad, b_grad = tape.gradient(cost, [W, b])
    W.assign_sub(0.05 * W_grad)
    b.assign_sub(0.05 * b_grad)
RESULT["line"] = W.numpy(), b.numpy()

x = tf.constant(3.0)
with tf.GradientTape() as outer:
    outer.watch(x)
    with tf.GradientTape() as inner:
        inner.watch(x)
        y = x ** 3
    first = inner.gradient(y, x)
RESULT["derivatives"] = first.numpy(), outer.gradient(first, x).numpy()

v = tf.Variable([1.0, 2.0])
with tf.GradientTape(persistent=True) as tape:
    z = tf.reduce_sum(v * v)
    unused = tf.Variable(1.0)
RESULT["persistent"] = tape.gradient(z, v).numpy(), tape.gradient(z, {"a": v})["a"].numpy()
RESULT["none"] = tape.gradient(z, [unused, tf.constant(1.0)])
with tf.GradientTape() as tape:
    rows = v ** 2
RESULT["jacobian"] = tape.jacobian(rows, v).numpy()

model = tf.keras.Sequential([tf.keras.layers.Dense(8, activation="relu"), tf.keras.layers.Dense(1)])
optimizer = tf.keras.optimizers.Adam(0.02)
loss_fn = tf.keras.losses.MeanSquaredError()
mean = tf.keras.metrics.Mean()
X = np.random.RandomState(0).uniform(size=(64, 3)).astype("float32")
Y = X.sum(1, keepdims=True)


@tf.function
def train_step(x, y):
    with tf.GradientTape() as tape:
        loss = loss_fn(y, model(x, training=True))
    grads = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(grads, model.trainable_variables))
    mean(loss)
    return loss


dataset = tf.data.Dataset.from_tensor_slices((X, Y)).shuffle(64, seed=1).batch(16).prefetch(1)
for epoch in range(60):
    for features, labels in dataset:
        loss = train_step(features, labels)
RESULT["loss"] = loss.numpy()
RESULT["mean"] = mean.result().numpy()

numbers = tf.data.Dataset.range(10)
RESULT["map"] = [n.numpy() for n in numbers.map(lambda n: n * 2).filter(lambda n: n > 10)]
RESULT["batches"] = [n.numpy().tolist() for n in numbers.batch(4)]
windows = numbers.window(3, shift=2, drop_remainder=True).flat_map(lambda w: w.batch(3))
RESULT["windows"] = [w.numpy().tolist() for w in windows]
RESULT["repeat"] = [n.numpy() for n in numbers.take(2).repeat(2).concatenate(numbers.skip(9))]
RESULT["zip"] = [(a.numpy(), b.numpy()) for a, b in tf.data.Dataset.zip((numbers.take(2), numbers.skip(8)))]
RESULT["shuffled"] = sorted(n.numpy() for n in numbers.shuffle(5))
lengths = tf.data.Dataset.from_generator(lambda: iter([[1], [2, 3]]), tf.int32)
RESULT["padded"] = next(iter(lengths.padded_batch(2, [None]))).numpy().tolist()
history = tf.keras.Sequential([tf.keras.layers.Dense(1)])
history.compile("sgd", "mse")
RESULT["fit"] = history.fit(dataset, epochs=3, verbose=0).history["loss"]
RESULT["devices"] = len(tf.config.list_physical_devices("CPU"))
RESULT["strings"] = tf.strings.lower("AB").numpy(), tf.io.gfile.exists("nowhere")
labels, logits = tf.constant([[0.0, 1.0]]), tf.constant([[0.0, 0.0]])
RESULT["order"] = tf.nn.softmax_cross_entropy_with_logits(labels, logits).numpy().tolist()
RESULT["dropped"] = tf.reduce_mean(tf.cast(tf.nn.dropout(tf.ones([1000]), 0.9) > 0, tf.float32)).numpy()
