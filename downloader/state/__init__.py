"""What outlives a moment: the journal of a folder, and mappings that spill to disk."""
