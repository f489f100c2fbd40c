"""What to do about what the checks saw; pure, but for the outbox and the notifiers."""
