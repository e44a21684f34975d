# class: build-failure
# tool: asciidoctor
# ecosystem: docs
# step: Render manual
# needs: apt:asciidoctor
# proof: include file not found
printf '= Manual\n\ninclude::chapters/setup.adoc[]\n' >manual.adoc
#%% step
asciidoctor --failure-level=WARN manual.adoc
