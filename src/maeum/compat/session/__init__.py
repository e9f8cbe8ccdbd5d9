"""Running a graph: what is fetched becomes one compiled program for each set of fetches."""
