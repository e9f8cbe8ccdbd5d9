"""Keras 2's spellings on Maeum's layers, models and optimizers."""
