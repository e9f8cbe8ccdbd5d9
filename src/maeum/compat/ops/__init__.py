"""TensorFlow's functions, as tables: each is a pure function of arrays, and a node of a graph."""
