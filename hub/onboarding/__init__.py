"""A new agency from its contract: files copied, layouts inferred, mappings proposed, decisions listed."""
