"""The exercises of 09-scale, a folder each."""
