# class: timeout
# tool: pytest-timeout
# ecosystem: python
# step: Integration tests
# needs: pip:pytest==8.3.5 pip:pytest-timeout==2.3.1
# proof: +++++++++++++++++++++++++++++++++++ Timeout +++++++++++++++++++++++++++++++++++
mkdir tests
cat >tests/test_lease.py <<'END'
import threading

lock = threading.Lock()


def test_lease_is_given():
    assert lock.acquire(timeout=1)


def test_lease_is_given_again():
    assert lock.acquire()
END
#%% step
pytest --timeout=15 --timeout-method=thread tests
