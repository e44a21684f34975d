# class: build-failure
# tool: isort
# ecosystem: python
# step: Import order
# needs: pip:isort==5.13.2
# proof: Imports are incorrectly sorted and/or formatted.
mkdir app
printf 'import sys\nimport os\nfrom collections import deque\n' >app/io.py
#%% step
isort --check-only --diff app
