"""The transports: how documents reach the hub and leave it."""
