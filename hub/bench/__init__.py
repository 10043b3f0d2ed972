"""The benchmark: a hub, a generator and a sink, three processes on loopback."""
