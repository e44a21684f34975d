# class: build-failure
# tool: cspell
# ecosystem: docs
# step: Spell check
# needs: npm:cspell@8.14.4
# proof: Unknown word (recieves)
mkdir docs
printf '# Hooks\n\nA hook recieves the event and its payload.\n' >docs/hooks.md
#%% step
cspell --no-progress "docs/**/*.md"
