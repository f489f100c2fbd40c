"""What people see: pages, made here and usable without a script."""
