"""What operators do with deliveries that are stuck: find out why, send again, make anew, cancel, skip, pause."""
