"""What the town writes to citizens: looked at, counted and tried by command."""
