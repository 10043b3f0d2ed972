"""Mutants of the repository's sites: what ``hub check`` accepts has to stand generated cases."""
