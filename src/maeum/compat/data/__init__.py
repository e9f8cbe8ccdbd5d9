"""``tf.data``: elements one after the other, changed on their way."""
