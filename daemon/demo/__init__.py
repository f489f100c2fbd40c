"""A simulated vendor, a mail catcher and the real daemon watching them, all on loopback."""

from daemon.demo.show import main

__all__ = ["main"]
