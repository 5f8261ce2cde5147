"""A run: begun in the journal, coordinated, reported, recorded.

fetch.py   a run that fetches
hash.py    a run that hashes what is there
ending.py  how runs end: with what stopped them, by a signal, or broken off
report.py  the report, set against an earlier run or an estimate
"""
