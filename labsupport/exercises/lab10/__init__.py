"""The exercises of 10-ship, a folder each."""
