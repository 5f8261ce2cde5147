"""Measuring instead of estimating: the same list in both modes, for real, in alternation.

compare.py   the runs, in throw-away folders
matrix.py    every number of threads, every number of processes, each stage alone
speedup.py   the values, and the maths of ratios
lesson.py    what the matrix shows, in words
report.py    text and JSON
plot.py      pictures
spool.py     a list that can be read once only, kept to be read again
"""
