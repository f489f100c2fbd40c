"""Night Porter: the process that runs, stores and serves."""

__version__ = "0.9.0"
DEFAULT_CONFIGURATION = "/etc/nightporter/nightporter.yml"
