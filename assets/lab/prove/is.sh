# class: test-failure
# tool: prove
# ecosystem: perl
# step: Test
# needs: apt:perl
# proof: Failed test 'trailing dots go'
mkdir t lib
printf 'package Name;\nuse strict;\nuse warnings;\nsub clean { my $name = lc shift; $name =~ s/\\s+/-/g; return $name }\n1;\n' >lib/Name.pm
printf 'use strict;\nuse warnings;\nuse Test::More tests => 2;\nuse Name;\n\nis(Name::clean("Big Sur"), "big-sur", "blanks become dashes");\nis(Name::clean("Inc."), "inc", "trailing dots go");\n' >t/name.t
printf 'use strict;\nuse Test::More tests => 1;\nok(1, "loads");\n' >t/load.t
#%% step
prove -l t
