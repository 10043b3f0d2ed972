"""One module a subcommand; each has ``register(app)`` and is loaded by ``hub.cli`` when it is called."""
