"""The analyses against counts made by hand."""
