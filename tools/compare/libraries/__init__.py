"""A module per library: an application as its users write it, and the rows that it is compared in.

REDIS_URL says where Redis is. Importing a module connects to nothing.
"""
