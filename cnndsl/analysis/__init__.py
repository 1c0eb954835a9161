"""One analysis a file, Graph -> table: counts, and what does not come out even."""
