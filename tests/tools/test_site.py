"""What `make site` changes in a page before it is read. (tests/needs/ really builds the site.)"""

import json

from tools.site import conf


def prepared(page: str, source: str) -> str:
    sources = [source]
    conf.prepare(None, page, sources)
    return sources[0]


def test_the_title_page_lists_all_pages():
    assert prepared("README", "# Title\n").startswith("# Title\n\n```{toctree}")
    assert prepared("CHANGELOG", "# Changes\n") == "# Changes\n"


def test_a_figure_keeps_its_alternative_text():
    figure = {"data": {"image/png": ""}, "metadata": {"image/png": {"alt": "4 retried"}}}
    cells = [{"metadata": {}, "outputs": [{"text": "4"}, figure]}, {"metadata": {}, "outputs": [{"text": "5"}]}]
    found = json.loads(prepared("notebooks/04-retry", json.dumps({"cells": cells})))["cells"]
    assert [cell["metadata"] for cell in found] == [{"mystnb": {"image": {"alt": "4 retried"}}}, {}]
