# class: security-scan-failure
# tool: pip-licenses
# ecosystem: python
# step: Check licenses
# needs: pip:pip-licenses==5.0.0
# proof: fail-on license
#%% step
pip-licenses --with-system --fail-on='MIT License;MIT'
