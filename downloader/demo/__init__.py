"""The main job and the comparison without any network: a server that is part of the package.

server.py   an HTTP server on a free loopback port, slow on purpose, in a process of its own
run.py      the job in both modes, and the check of every digest
"""
