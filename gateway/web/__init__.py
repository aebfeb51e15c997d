"""The web page on which customers rate, and what those who watch the gateway ask. It holds no rule and no session."""
