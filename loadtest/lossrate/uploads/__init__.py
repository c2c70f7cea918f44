"""How a client brings photos to a master: connections, strategies, and what became of each upload."""
