"""How to look at an external system; knows nothing of alerting, storage or the daemon."""
