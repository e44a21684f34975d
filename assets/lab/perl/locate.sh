# class: dependency-error
# tool: perl
# ecosystem: perl
# step: Generate docs
# needs: apt:perl
# proof: Can't locate Template.pm in @INC
printf 'use strict;\nuse warnings;\nuse Template;\n\nTemplate->new->process("page.tt", {});\n' >page.pl
#%% step
perl page.pl
