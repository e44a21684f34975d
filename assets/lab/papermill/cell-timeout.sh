# class: timeout
# tool: papermill
# ecosystem: data
# step: Execute notebook
# needs: pip:papermill==2.6.0 pip:ipykernel==7.1.0
# proof: A cell timed out while it was being executed, after 6 seconds.
python -m ipykernel install --sys-prefix --name python3 >/dev/null
cat >tides.ipynb <<'END'
{
 "cells": [
  {"cell_type": "code", "execution_count": null, "id": "a1", "metadata": {}, "outputs": [], "source": ["import time\n", "print('loading tides')"]},
  {"cell_type": "code", "execution_count": null, "id": "a2", "metadata": {}, "outputs": [], "source": ["time.sleep(120)"]}
 ],
 "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
 "nbformat": 4,
 "nbformat_minor": 5
}
END
#%% step
papermill tides.ipynb out.ipynb --kernel python3 --execution-timeout 6 --no-progress-bar
