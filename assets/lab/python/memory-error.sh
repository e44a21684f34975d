# class: resource-exhaustion
# tool: python
# ecosystem: python
# step: Train baseline
# needs: pip:numpy==2.3.4
# proof: numpy._core._exceptions._ArrayMemoryError: Unable to allocate
cat >train.py <<'END'
import numpy as np

ships = np.zeros((60_000, 12))
print("ships", ships.shape)
distances = np.linalg.norm(ships[:, None, :] - ships[None, :, :], axis=-1)
print("mean distance", distances.mean())
END
#%% step
export OPENBLAS_NUM_THREADS=1
ulimit -v 6000000
python train.py
