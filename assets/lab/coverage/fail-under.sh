# class: test-failure
# tool: coverage
# ecosystem: python
# step: Coverage
# needs: pip:coverage==7.6.1
# proof: Coverage failure: total of 67 is less than fail-under=90
cat >clock.py <<'END'
def parse(text):
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def show(minutes):
    hours = minutes // 60
    return f"{hours}:{minutes % 60:02}"
END
printf 'import unittest\n\nfrom clock import parse\n\n\nclass Clock(unittest.TestCase):\n    def test_parse(self):\n        self.assertEqual(parse("1:30"), 90)\n' >test_clock.py
sed -i 's/^        .*= minutes.*//' clock.py
#%% step
coverage run --include=clock.py -m unittest -q
coverage report --fail-under=90
