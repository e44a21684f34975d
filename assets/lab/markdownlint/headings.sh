# class: build-failure
# tool: markdownlint
# ecosystem: docs
# step: Lint docs
# needs: npm:markdownlint-cli@0.42.0
# proof: MD001/heading-increment
mkdir docs
printf '# Guide\n### Install\nRun `make`.\n\n* one\n- two\n' >docs/guide.md
#%% step
markdownlint docs
