"""Signal arithmetic on numpy arrays; no clocks, files or sockets."""
