"""Training as data flow: sources of batches, the compiled program, and the loop around it."""
