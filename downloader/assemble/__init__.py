"""Options become the parts of a run, each ended in any case.

fetching.py  all parts of `dl fetch`, in the order in which they are opened
plugged.py   what a caller may plug in in place of the usual parts
fetcher.py   what brings the bytes: fetch threads, the coordinator's own exchanges, processes
workers.py   pools, or this very thread
folder.py    the target, for this run alone, with its journal
plan.py      what is to be done with each line
"""
