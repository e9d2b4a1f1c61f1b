"""The exercises of 00-start-here, a folder each."""
