"""Where engine, connectors and monitoring meet: the only package that knows all three."""
