"""Random programs over the whole language, each with what it must mean, and the checks that hold them together."""
