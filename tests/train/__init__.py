"""Training: optimizers, losses, the loop, weights."""
