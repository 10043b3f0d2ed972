"""The interagency message hub's engine; it knows no agency by name."""

__version__ = "0.1.0"
