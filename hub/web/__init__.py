"""HTTP: the ways in, status, metrics."""
