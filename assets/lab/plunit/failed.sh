# class: test-failure
# tool: plunit
# ecosystem: prolog
# step: Test
# needs: apt:swi-prolog-nox
# proof: test last_but_one: failed
cat >lists.pl <<'END'
:- use_module(library(plunit)).

last_but_one([X, _], X).
last_but_one([_|Rest], X) :- last_but_one(Rest, X).

:- begin_tests(lists).
test(pair) :- once(last_but_one([a, b], a)).
test(last_but_one) :- last_but_one([a, b, c], c).
:- end_tests(lists).
END
#%% step
swipl -g run_tests -t halt lists.pl
