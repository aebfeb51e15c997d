"""What mail is: pure functions from bytes and values to values. Knows nothing of tickets, storage or the network."""
