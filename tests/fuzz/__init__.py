"""Inputs that nobody wrote, and what must hold for each: `python -m tests.fuzz bytes|tokens|trees|zoo --count N`.

The runs are guided by coverage where atheris is installed (`pip install atheris`: an optional tool, nothing else
needs it), and seeded mutations without a guide elsewhere. `python -m tests.fuzz replay FILE` examines one input again.
"""
