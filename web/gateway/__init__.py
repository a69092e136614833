"""The gateway: everything between a customer's message and the dialogue engine."""
