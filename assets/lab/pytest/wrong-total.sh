# class: test-failure
# tool: pytest
# ecosystem: python
# step: Unit tests
# needs: pip:pytest==8.3.5
# proof: assert Decimal('31.10') == Decimal('31.11')
# proof: FAILED tests/test_invoice.py::test_total_is_rounded_once
mkdir invoicing tests
: >invoicing/__init__.py
cat >invoicing/invoice.py <<'END'
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


def tax(amount, rate=Decimal("0.19")):
    return (amount * rate).quantize(CENT, ROUND_HALF_UP)


def total(lines):
    return sum((amount + tax(amount) for amount in lines), Decimal(0))
END
cat >tests/test_invoice.py <<'END'
from decimal import Decimal

import pytest

from invoicing.invoice import tax, total

LINES = [Decimal("8.71"), Decimal("8.71"), Decimal("8.72")]


@pytest.mark.parametrize("amount, expected", [("100", "19.00"), ("0.50", "0.10"), ("0", "0.00")])
def test_tax(amount, expected):
    assert tax(Decimal(amount)) == Decimal(expected)


def test_an_empty_invoice_costs_nothing():
    assert total([]) == 0


def test_total_is_rounded_once():
    assert total(LINES) == Decimal("31.11")
END
printf '[pytest]\npythonpath = .\n' >pytest.ini
#%% step
python -m pytest tests
