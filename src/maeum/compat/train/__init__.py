"""What TensorFlow 1 trains with: gradients, optimizers, savers, queues, summaries."""
