# class: configuration-error
# tool: pandoc
# ecosystem: docs
# step: Render handbook
# needs: apt:pandoc
# proof: Could not find data file /usr/share/pandoc/data/templates/handbook.latex
printf '# Handbook\n\nOpen the door.\n' >handbook.md
#%% step
pandoc --standalone --template handbook.latex -t latex -o handbook.tex handbook.md
