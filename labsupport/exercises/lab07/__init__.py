"""The exercises of 07-observe, a folder each."""
