"""The store's one error that a command shows: apart, so that commands without a store need not load the database."""

from __future__ import annotations


class StoreUnusable(Exception):
    """The store cannot be opened; the text says what a person can do about it."""
