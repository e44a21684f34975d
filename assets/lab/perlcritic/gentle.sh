# class: build-failure
# tool: perlcritic
# ecosystem: perl
# step: Perl::Critic
# needs: apt:libperl-critic-perl
# proof: Two-argument "open" used at line
printf 'package Log;\nuse strict;\nuse warnings;\n\nsub tail {\n    my ($file) = @_;\n    open(FH, $file) or return;\n    return <FH>;\n}\n\n1;\n' >Log.pm
#%% step
perlcritic --gentle --nocolor .
