"""What `make report` and `make team` are made of.

mine: what the reader's copies hold. rerun: the solved exercises, once more. private: what no report may hold. pages: HTML.
"""
