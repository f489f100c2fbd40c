"""What the porter knows, in words: times, tables, incidents, diagnoses, for terminals, documents, pages."""
