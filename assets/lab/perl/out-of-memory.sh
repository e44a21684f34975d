# class: resource-exhaustion
# tool: perl
# ecosystem: perl
# step: Merge logs
# needs: apt:perl
# proof: Out of memory!
printf 'use strict;\nuse warnings;\n\nmy @lines;\npush @lines, "entry $_ " x 1_000_000 for 1 .. 400;\nprint scalar @lines, "\\n";\n' >merge.pl
#%% step
ulimit -v 400000
perl merge.pl
