"""From rings to attempts: what is claimed when, for whom, and what follows from how it ended."""
