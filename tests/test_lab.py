"""`open_lab` in a kernel that is not the kit's."""

import pytest

from tests.kernels import SET_UP, CellError


def test_a_kernel_with_another_rq_is_two_lines(kernel, tmp_path):
    (tmp_path / "older" / "rq").mkdir(parents=True)
    (tmp_path / "older" / "rq" / "__init__.py").write_text(
        "class Queue: ...\nclass SimpleWorker: ...\nclass Worker: ..."
    )
    (tmp_path / "older" / "rq" / "defaults.py").write_text("")
    notebook = kernel(PYTHONPATH=str(tmp_path / "older"))
    with pytest.raises(CellError) as caught:
        notebook.run(SET_UP)
    assert "has other packages than the kit" in str(caught.value)
    assert "Change Kernel" in str(caught.value)
    assert len(str(caught.value).splitlines()) == 2
