# class: security-scan-failure
# tool: pip-licenses
# ecosystem: python
# step: Licence gate
# needs: pip:pip-licenses==5.0.0 pip:text-unidecode==1.3
# proof: fail-on license
#%% step
pip-licenses --packages text-unidecode pip-licenses
pip-licenses --fail-on "Artistic License;GNU General Public License (GPL);GNU General Public License v2 or later (GPLv2+)"
