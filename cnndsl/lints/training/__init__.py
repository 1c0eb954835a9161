"""What only the loss or the data show: said as a `CnnWarning` by `compile` and `fit`, and not by `check`."""
