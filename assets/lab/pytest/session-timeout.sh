# class: timeout
# tool: pytest
# ecosystem: python
# step: Integration tests
# needs: pip:pytest==8.4.2 pip:pytest-timeout==2.4.0
# proof: +++++++++++++++++++++++++++++++++++ Timeout ++++++++++++++++++++++++++++++++++++
mkdir tests
cat >tests/test_locks.py <<'END'
import threading


def test_free_berth():
    assert sorted([3, 1, 2]) == [1, 2, 3]


def test_two_bookings_of_one_berth():
    first, second = threading.Lock(), threading.Lock()
    first.acquire()
    second.acquire()
    first.acquire()
END
#%% step
pytest -v --timeout=4 --timeout-method=thread tests
