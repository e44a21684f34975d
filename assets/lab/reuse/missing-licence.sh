# class: security-scan-failure
# tool: reuse
# ecosystem: ci
# step: Licence compliance
# needs: pip:reuse==4.0.3
# proof: The following files have no copyright and licensing information:
mkdir src LICENSES
printf '# SPDX-FileCopyrightText: 2024 Depot Team\n# SPDX-License-Identifier: MIT\nX = 1\n' >src/x.py
printf 'Y = 2\n' >src/y.py
printf 'MIT License\n' >LICENSES/MIT.txt
#%% step
reuse lint
