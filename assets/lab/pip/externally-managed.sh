# class: configuration-error
# tool: pip
# ecosystem: python
# step: Install test tools
# needs: apt:python3-pip
# proof: error: externally-managed-environment
#%% step
/usr/bin/python3 -m pip install pytest pytest-cov
