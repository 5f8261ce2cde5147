"""Formats of lists, sums and records: one file each, reading and writing side by side."""
