# class: build-failure
# tool: erlc
# ecosystem: erlang
# step: Compile
# needs: apt:erlang-base
# proof: variable 'Timeout' is unbound
cat >lease.erl <<'END'
-module(lease).
-export([renew/2]).

renew(Key, Node) ->
    Reply = gen_server:call({registry, Node}, {renew, Key}, Timeout),
    case Reply of
        {ok, Until} -> Until;
        Error -> Error
    end.
END
#%% step
erlc -Werror lease.erl
