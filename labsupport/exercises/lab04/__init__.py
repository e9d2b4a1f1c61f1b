"""The exercises of 04-retry, a folder each."""
