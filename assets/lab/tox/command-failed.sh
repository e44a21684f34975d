# class: test-failure
# tool: tox
# ecosystem: python
# step: Tox
# needs: pip:tox==4.21.2
# proof: AssertionError: Lists differ:
printf '[tox]\nenv_list = unit\nskipsdist = true\n\n[testenv:unit]\nskip_install = true\ncommands = python -m unittest -q test_order\n' >tox.ini
printf 'import unittest\n\n\nclass Order(unittest.TestCase):\n    def test_stable(self):\n        rows = [("b", 1), ("a", 1)]\n        self.assertEqual(sorted(rows, key=lambda row: row[1]), [("a", 1), ("b", 1)])\n' >test_order.py
#%% step
tox run
