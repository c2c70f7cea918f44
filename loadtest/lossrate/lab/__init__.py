"""A laboratory on one machine: the hosts of a cluster are network namespaces, on cables of 100 Mbit/s to a switch."""
