"""What all tasks share: options, training, results, model files, reports."""
