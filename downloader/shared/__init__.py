"""The only state that threads share; everything else crosses threads as a frozen value."""
