# class: dependency-error
# tool: mix
# ecosystem: elixir
# step: Compile
# needs: apt:elixir apt:erlang-dev
# proof: ** (Mix) Can't continue due to errors on dependencies
mkdir lib
cat >mix.exs <<'END'
defmodule Fare.MixProject do
  use Mix.Project

  def project do
    [app: :fare, version: "0.4.0", deps: [{:tariffs, path: "../tariffs"}]]
  end
end
END
printf 'defmodule Fare do\nend\n' >lib/fare.ex
#%% step
mix compile
