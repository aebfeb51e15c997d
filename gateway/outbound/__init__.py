"""Mail goes out: outbox row -> rendered once, bytes frozen -> smarthost or capture. Never touches a ticket's state."""
