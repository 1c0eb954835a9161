"""Data: files, arrays, and what is said of those that do not fit."""
