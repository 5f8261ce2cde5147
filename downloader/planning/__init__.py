"""What is to be done with each line of a list, decided before its first request."""
