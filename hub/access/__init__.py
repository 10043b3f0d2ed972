"""Who may send and see what: grants, projection, explanation."""
