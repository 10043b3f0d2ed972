"""The demo: a real hub and simulated partner agencies on loopback, all of it driven by the site's own data files."""
