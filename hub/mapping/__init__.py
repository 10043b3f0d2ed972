"""The mapping language: one YAML file, both directions (MAPPING.md)."""
