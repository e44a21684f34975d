# class: timeout
# tool: swi-prolog
# ecosystem: prolog
# step: Solve timetable
# needs: apt:swi-prolog-nox
# proof: Time limit exceeded
printf 'solve(N) :- M is N + 1, solve(M).\n\nmain :- call_with_time_limit(10, solve(0)).\n\n:- initialization(main, main).\n' >timetable.pl
#%% step
swipl timetable.pl
