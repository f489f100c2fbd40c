"""The built-in checks on the PMS's tables: one statement each, and a verdict on what it gives."""
