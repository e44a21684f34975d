"""Writes drift.json: what NumPy, SciPy and NannyML say of small samples, for tests/drift_parity.rs.

    pip install numpy scipy nannyml statsmodels        # the versions that wrote it stand in it
    python tests/parity/drift.py > tests/parity/drift.json

Conventions: PSI over bins of equal width takes the joint range widened by 1e-6 on both sides; PSI over quantiles takes
the distinct deciles of the reference but its smallest and largest value, outer bins open. Shares are floored at 1e-4 and brought back to a sum of 1.
"""

import json
import sys

import nannyml
import numpy as np
import scipy
from nannyml.performance_estimation.confidence_based.metrics import estimate_accuracy
from scipy import stats

FLOOR = 1e-4


def floored(counts):
    shares = np.maximum(np.asarray(counts, float) / np.sum(counts), FLOOR)
    return shares / shares.sum()


def psi(reference, live):
    expected, actual = floored(reference), floored(live)
    return float(np.sum((actual - expected) * np.log(actual / expected)))


def equal_width(reference, live, bins):
    both = np.concatenate([reference, live])
    edges = np.linspace(both.min() - 1e-6, both.max() + 1e-6, bins + 1)
    return psi(np.histogram(reference, edges)[0], np.histogram(live, edges)[0])


def quantile(reference, live, bins):
    inner = np.unique(np.quantile(reference, np.linspace(0, 1, bins + 1)))[1:-1]
    edges = np.concatenate([[-np.inf], inner, [np.inf]])
    count = lambda values: np.bincount(np.digitize(values, inner), minlength=len(edges) - 1)
    return psi(count(reference), count(live))


def samples(chance):
    base = np.round(chance.normal(100, 15, 200), 3)
    yield "same source", base, np.round(chance.normal(100, 15, 80), 3)
    yield "shifted", base, np.round(chance.normal(108, 15, 80), 3)
    yield "spread", base, np.round(chance.normal(100, 30, 60), 3)
    yield "skewed", np.round(chance.lognormal(3, 1, 200), 3), np.round(chance.lognormal(3.2, 1, 50), 3)
    yield "whole numbers", chance.poisson(2, 200).astype(float), chance.poisson(3, 60).astype(float)
    yield "tiny", base, np.round(chance.normal(100, 15, 3), 3)


TABLES = [
    ("two by two", [[30, 70], [15, 20]]),
    ("two by two, nearly alike", [[30, 70], [15, 34]]),
    ("five categories", [[200, 150, 100, 40, 10], [20, 25, 9, 4, 2]]),
    ("one never seen in training", [[200, 150, 100, 0], [20, 25, 9, 6]]),
    ("one that went away", [[200, 150, 100], [30, 30, 0]]),
    ("far apart", [[1000, 1000, 1000], [5, 5, 400]]),
]

P_VALUES = [
    [0.01, 0.04, 0.03, 0.5],
    [0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216, 0.222, 0.251, 0.269, 0.275, 0.34, 0.341],
    [1.0, 1.0, 1e-12],
]


def table(name, rows):
    corrected = stats.chi2_contingency(rows)
    plain = stats.chi2_contingency(rows, correction=False)
    return {
        "name": name,
        "table": rows,
        "statistic": corrected.statistic,
        "p_value": corrected.pvalue,
        "degrees": int(corrected.dof),
        "uncorrected": plain.statistic,
    }


def numeric(name, reference, live):
    return {
        "name": name,
        "reference": reference.tolist(),
        "live": live.tolist(),
        "equal_width": {str(bins): equal_width(reference, live, bins) for bins in (5, 10, 20)},
        "quantile": quantile(reference, live, 10),
    }


def yurdakul(psi, bins, live_n, reference_n):
    p = stats.chi2.sf(psi / (1 / live_n + 1 / reference_n), bins - 1)
    return {"psi": psi, "bins": bins, "live_n": live_n, "reference_n": reference_n, "p_value": float(p)}


def cbpe(chance, n):
    """NannyML speaks of two classes: the verdict's confidence is the probability of the one that was predicted."""
    positive = np.round(chance.beta(2, 2, n), 6)
    predicted = (positive >= 0.5).astype(int)
    confidence = np.where(predicted == 1, positive, 1 - positive)
    return {"confidences": confidence.tolist(), "accuracy": float(estimate_accuracy(predicted, positive))}


json.dump(
    {
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "numeric": [numeric(*sample) for sample in samples(np.random.default_rng(2024))],
        "tables": [table(*each) for each in TABLES],
        "yurdakul": [yurdakul(*each) for each in [(0.1, 10, 100, 1000), (0.25, 10, 50, 500), (0.3, 5, 400, 2000)]],
        "false_discovery": [
            {"p_values": p, "corrected": stats.false_discovery_control(p).tolist()} for p in P_VALUES
        ],
        "nannyml": nannyml.__version__,
        "cbpe": [cbpe(np.random.default_rng(n), n) for n in (1, 7, 100)],
    },
    sys.stdout,
    indent=1,
)
