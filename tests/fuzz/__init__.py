"""Tries to refute ``hub check``: sites changed at random that it lets pass, proved with generated messages."""
