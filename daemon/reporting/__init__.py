"""What reports are made of is gathered here: from the state, the board, and the database of the PMS."""
