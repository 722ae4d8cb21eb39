"""What a failure becomes on its way to the user."""

import errno

import pytest

from errors import Cancelled, GenerationFailed, MachineTrouble, SegmentsFailed, cause, foreign_code


def test_the_bug_of_a_backend_is_a_failure_of_its_clip():
    with pytest.raises(GenerationFailed, match="its code failed: KeyError: 'frames'"), foreign_code():
        raise KeyError("frames")


@pytest.mark.parametrize("wrapped", [True, False])
def test_a_full_disk_is_the_machine_s_trouble_however_a_backend_puts_it(wrapped):
    with pytest.raises(MachineTrouble, match="the disk is full"), foreign_code():
        try:
            raise OSError(errno.ENOSPC, "No space left on device")
        except OSError as error:
            if wrapped:
                raise GenerationFailed("the clip cannot be written") from error
            raise


def test_being_stopped_passes_through():
    with pytest.raises(Cancelled), foreign_code():
        raise Cancelled("stopped")


def test_of_tasks_that_failed_together_ours_is_told():
    group = ExceptionGroup("tasks", [ValueError("x"), ExceptionGroup("inner", [SegmentsFailed("2 of 6")])])
    assert str(cause(group)) == "2 of 6"
