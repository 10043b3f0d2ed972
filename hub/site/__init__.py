"""A site: its files as typed, compiled records; today's, and those that pending deliveries were accepted under."""
