"""One item over HTTP: tries, redirects, retries, and every fault as a sentence."""
