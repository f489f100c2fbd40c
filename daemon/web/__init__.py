"""The HTTP side: status page, API, metrics, health."""
