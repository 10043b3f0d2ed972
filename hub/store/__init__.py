"""The only truth: messages, deliveries, content and ledger, in SQLite or PostgreSQL."""
