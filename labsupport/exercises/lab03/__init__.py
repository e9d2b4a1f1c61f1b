"""The exercises of 03-fail, a folder each."""
