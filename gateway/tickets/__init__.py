"""What a ticket is: pure rules from values to values. Nothing here reads the clock, the database or a file."""
