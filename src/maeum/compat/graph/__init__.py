"""TensorFlow 1's graph on Maeum's own: tensors, operations, variables, scopes, collections."""
