"""`make release`: build what people install, hold it against the repository, try it where nothing else is."""
