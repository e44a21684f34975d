# class: test-failure
# tool: unittest
# ecosystem: python
# step: Tests
# needs: apt:python3
# proof: AssertionError: '7.50' != '7.5'
cat >test_price.py <<'END'
import unittest


def show(cents):
    return f"{cents / 100:g}"


class ShowTest(unittest.TestCase):
    def test_whole(self):
        self.assertEqual("7", show(700))

    def test_two_places(self):
        for cents, shown in ((750, "7.50"), (725, "7.25")):
            with self.subTest(cents=cents):
                self.assertEqual(shown, show(cents))


if __name__ == "__main__":
    unittest.main()
END
#%% step
python3 -m unittest -v test_price
