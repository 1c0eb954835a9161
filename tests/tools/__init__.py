"""Small programs that make what the tests and the package hold."""
