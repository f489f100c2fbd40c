"""The reports of the night: what broke, what is still open, what will break."""
