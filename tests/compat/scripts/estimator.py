# Digits by an estimator: over nine in ten are right.
import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits

tf.set_random_seed(42)
digits = load_digits()
X, y = (digits.data / 16).astype(np.float32), digits.target.astype(np.int32)
columns = [tf.feature_column.numeric_column("X", shape=[64])]
classifier = tf.estimator.DNNClassifier(hidden_units=[64, 32], n_classes=10, feature_columns=columns)
input_fn = tf.estimator.inputs.numpy_input_fn(
    x={"X": X[:1500]}, y=y[:1500], num_epochs=20, batch_size=50, shuffle=True)
classifier.train(input_fn=input_fn)
test_fn = tf.estimator.inputs.numpy_input_fn(x={"X": X[1500:]}, y=y[1500:], shuffle=False)
RESULT = classifier.evaluate(input_fn=test_fn)
predictions = list(classifier.predict(input_fn=test_fn))
RESULT["same"] = np.mean([p["class_ids"][0] == t for p, t in zip(predictions, y[1500:])])
RESULT["sum"] = predictions[0]["probabilities"].sum()
