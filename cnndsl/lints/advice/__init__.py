"""Advice: not wrong, but perhaps not what was meant, or not the best. Only for those who ask."""
