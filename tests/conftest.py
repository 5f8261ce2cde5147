"""What all tests begin with: signals that mean what they mean at a terminal.

A shell has what it starts in the background ignore SIGINT, and nohup SIGHUP. That is inherited, and
the command keeps to it: so started, the tests would ask of it what it must not do.
"""

from __future__ import annotations

import signal

signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
