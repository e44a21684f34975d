# class: build-failure
# tool: codespell
# ecosystem: docs
# step: Spelling
# needs: pip:codespell==2.3.0
# proof: seperate ==> separate
mkdir docs
printf 'Each tenant has a seperate bucket.\nThe bucket is created on first acess.\n' >docs/tenants.txt
#%% step
codespell docs
