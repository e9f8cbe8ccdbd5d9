"""The network beside scikit-learn's usual models, on the same folds of a table."""
