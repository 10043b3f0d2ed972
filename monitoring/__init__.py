"""What operators see: metrics, logs, alert rules."""
