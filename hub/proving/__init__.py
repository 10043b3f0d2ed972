"""Mappings proven before they run: examples as tests, what no example reaches, and generated cases against the law."""
