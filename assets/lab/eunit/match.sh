# class: test-failure
# tool: eunit
# ecosystem: erlang
# step: Unit tests
# needs: apt:erlang-base apt:erlang-eunit
# proof: *failed*
# proof: error:{assertEqual,[{module,backoff}
cat >backoff.erl <<'END'
-module(backoff).
-export([delay/1]).
-include_lib("eunit/include/eunit.hrl").

delay(Attempt) -> min(1 bsl Attempt, 60).

first_test() -> ?assertEqual(1, delay(0)).
capped_test() -> ?assertEqual(60, delay(10)).
third_test() -> ?assertEqual(6, delay(3)).
END
erlc backoff.erl
#%% step
erl -noshell -eval 'case eunit:test(backoff, [verbose]) of ok -> halt(0); error -> halt(1) end.'
