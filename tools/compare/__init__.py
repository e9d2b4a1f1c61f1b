"""RQ beside the libraries that people move to: the same jobs, on one server, taking turns (`make compare`).

It runs in an environment of its own, `.venv-compare`, since the kit needs none of the others. What it finds is kept in
`labsupport/measure/compared.json`, which a lab reads.
"""
