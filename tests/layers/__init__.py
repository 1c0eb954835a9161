"""Every layer: its shape, parameters, cost and lowering against counts made by hand."""
