# class: resource-exhaustion
# tool: erlang-vm
# ecosystem: erlang
# step: Load snapshot
# needs: apt:erlang-base
# proof: Cannot allocate
printf -- '-module(snap).\n-export([load/0]).\n\nload() -> length(lists:flatten([lists:seq(1, 40000000) || _ <- lists:seq(1, 8)])).\n' >snap.erl
erlc snap.erl
#%% step
ulimit -v 2500000
erl -noshell -eval 'snap:load(), halt(0).'
