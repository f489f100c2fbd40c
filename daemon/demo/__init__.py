"""A simulated hotel with everything that can go wrong in it, and the real daemon watching it, on loopback."""
