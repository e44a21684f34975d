# class: network-error
# tool: perl
# ecosystem: perl
# step: Fetch calendar
# needs: apt:perl
# proof: Could not connect to '127.0.0.1:8936': Connection refused
printf 'use strict;\nuse warnings;\nuse HTTP::Tiny;\n\nmy $answer = HTTP::Tiny->new->get("http://127.0.0.1:8936/calendar.ics");\ndie "calendar.ics: $answer->{status} $answer->{content}" unless $answer->{success};\n' >calendar.pl
#%% step
perl calendar.pl
