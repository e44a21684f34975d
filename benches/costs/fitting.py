"""Fits what fitting.rs wrote, with the Python package of LightGBM, and prints the seconds it took."""

import pathlib
import sys
import time

import lightgbm
import numpy

folder = pathlib.Path(sys.argv[1])
labels = numpy.fromfile(folder / "labels", "<f4")
weights = numpy.fromfile(folder / "weights", "<f4")
matrix = numpy.fromfile(folder / "matrix", "<f4").reshape(len(labels), -1)
parameters = dict(pair.split("=") for pair in (folder / "parameters").read_text().split())
rounds = int(parameters.pop("rounds"))
parameters |= {
    "objective": "multiclass",
    "num_class": 10,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}
started = time.perf_counter()
booster = lightgbm.train(parameters, lightgbm.Dataset(matrix, labels, weight=weights), rounds)
booster.model_to_string()
print(time.perf_counter() - started)
