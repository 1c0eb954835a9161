"""The tests mirror the house: a folder for each room."""
