"""The exercises of 08-survive, a folder each."""
