"""Bytes to tree and back, one file a format."""
