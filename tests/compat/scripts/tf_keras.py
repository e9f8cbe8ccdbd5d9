# tf.keras with attributes set on tf: XOR has an accuracy of 1.
import numpy as np
import tensorflow as tf

tf.random.set_seed(777)
x_data = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.float32)
y_data = np.array([[0], [1], [1], [0]], dtype=np.float32)
tf.model = tf.keras.Sequential()
tf.model.add(tf.keras.layers.Dense(units=8, input_dim=2, activation="tanh"))
tf.model.add(tf.keras.layers.Dense(units=1, activation="sigmoid"))
tf.model.compile(
    loss="binary_crossentropy", optimizer=tf.optimizers.Adam(lr=0.1), metrics=["accuracy"]
)
history = tf.model.fit(x_data, y_data, epochs=100, verbose=0)
RESULT = {
    "xor": tf.model.evaluate(x_data, y_data, verbose=0)[1],
    "history": history.history["accuracy"][-1],
}
