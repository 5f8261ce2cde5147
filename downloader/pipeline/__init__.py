"""A run: what is to be done, in which order, how many at once, and the account of it.

coordinator.py  fetch stage -> hash stage -> commit, told by one thread
context.py      what it is plugged together from
job_queue.py    jobs that may not go yet, host by host
host_limits.py  what each host may be asked, and when
fetch_stage.py  jobs to the workers, and back where their hosts want peace
hash_stage.py   batches of landed files
hash_run.py     the hash stage alone, for files that are there already
concurrency.py  how many fetches may be under way
stats.py        counts, time by stage, samples
"""
