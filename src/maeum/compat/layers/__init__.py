"""Layers as functions on a graph: ``tf.layers``, ``tf.contrib.layers``, ``tf.losses``."""
