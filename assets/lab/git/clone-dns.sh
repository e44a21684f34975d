# class: network-error
# tool: git
# ecosystem: ci
# step: Checkout shared config
# needs: apt:git
# proof: Could not resolve host: git.harbor.invalid
#%% step
git clone --branch v3 https://git.harbor.invalid/platform/shared-config.git config
