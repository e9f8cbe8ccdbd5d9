"""The ground floor: configuration, errors, randomness, variables, the bridge and the graph."""
