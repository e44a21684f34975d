# class: build-failure
# tool: eleventy
# ecosystem: docs
# step: Build site
# needs: npm:@11ty/eleventy@3.1.2
# proof: undefined filter: tideDate
printf '# Tides of {{ year }}\n\n{{ "2024-05-01" | tideDate }}\n' >index.md
#%% step
eleventy
