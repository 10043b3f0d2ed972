"""What another site would do differently with the same messages."""
