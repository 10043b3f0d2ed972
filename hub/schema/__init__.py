"""What a schema allows, and whether a document keeps to it."""
