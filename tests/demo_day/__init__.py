"""A day in the life of the desk: twenty customers, all services, two markets, three languages."""
