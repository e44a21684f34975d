# class: timeout
# tool: perl-alarm
# ecosystem: perl
# step: Replay journal
# needs: apt:perl
# proof: replay.pl: journal not read within 12 s
printf 'use strict;\nuse warnings;\n\n$SIG{ALRM} = sub { die "replay.pl: journal not read within 12 s\\n" };\nalarm 12;\nprint "reading journal\\n";\nsleep 100;\n' >replay.pl
#%% step
perl replay.pl
