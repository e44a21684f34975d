# class: test-failure
# tool: nose2
# ecosystem: python
# step: Tests
# needs: pip:nose2==0.15.1
# proof: KeyError: 'warsaw'
cat >test_zones.py <<'END'
import unittest

ZONES = {"berlin": 1, "paris": 1, "london": 0}


class Zones(unittest.TestCase):
    def setUp(self):
        self.here = ZONES["warsaw"]

    def test_offset(self):
        self.assertEqual(self.here, 1)
END
#%% step
nose2 -v
