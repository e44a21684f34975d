# class: security-scan-failure
# tool: liccheck
# ecosystem: python
# step: Licence gate
# needs: pip:liccheck==0.9.2 pip:text-unidecode==1.3 pip:setuptools==75.1.0
# proof: check unauthorized packages...
printf 'text-unidecode==1.3\n' >requirements.txt
printf '[Licenses]\nauthorized_licenses:\n    MIT\n    Apache 2.0\nunauthorized_licenses:\n    Artistic License\n    GNU General Public License (GPL)\n    GPLv2+\n    GNU General Public License v2 or later (GPLv2+)\n' >strategy.ini
#%% step
liccheck -s strategy.ini -r requirements.txt
