"""Every backend: its rules against oracles, and the backends against each other."""
