"""The flow of a run: what is to be done, in which order, at which pace, and the account of it.

plan.py       each line of the list becomes a job, a repeat or a refusal
queue.py      jobs that may not go yet, host by host
hosts.py      what each host may be asked, and when
fetch_lane.py jobs to the workers, and back where their hosts want peace
pipeline.py   fetch lane -> hash lane
parts.py      what the pipeline is plugged together from
telling.py    records and tells each outcome, once for each line
inbox.py      the way by which workers reach the thread that runs it
hash_lane.py  batches of landed files
hash_run.py   the hash lane alone, for files that are there already
pace.py       how many fetches may be under way
account.py    counts, time by lane, samples
outcomes.py   outcomes from what the lanes returned
"""
