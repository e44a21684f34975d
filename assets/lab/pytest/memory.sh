# class: resource-exhaustion
# tool: pytest
# ecosystem: python
# step: Load tests
# needs: pip:pytest==8.3.5
# proof: MemoryError
mkdir tests
cat >tests/test_replay.py <<'END'
def expand(events, copies):
    return bytearray(len(events) * copies)


def test_small_replay():
    assert len(expand(b"abc", 2)) == 6


def test_full_day():
    assert len(expand(b"x" * 4096, 1_000_000)) == 4096 * 1_000_000
END
#%% step
ulimit -v 1000000
pytest tests
