# class: build-failure
# tool: sphinx
# ecosystem: docs
# step: Build docs
# needs: pip:sphinx==7.4.7
# proof: undefined label: 'install-windows'
printf 'project = "Courier"\n' >conf.py
printf 'Courier\n=======\n\nSee :ref:`install-windows` and :doc:`usage`.\n\n.. toctree::\n\n   usage\n' >index.rst
printf 'Usage\n=====\n\nRun ``courier send``.\n' >usage.rst
#%% step
sphinx-build -W --keep-going -b html . _build
