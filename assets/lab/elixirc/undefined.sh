# class: build-failure
# tool: elixir
# ecosystem: elixir
# step: Compile
# needs: apt:elixir
# proof: ** (CompileError) lib/meter.ex
mkdir lib
cat >lib/meter.ex <<'END'
defmodule Meter do
  @limit 40

  def over?(reading) do
    reading > limit_of(reading)
  end

  def limit, do: @limit
end
END
#%% step
elixirc --warnings-as-errors -o ebin lib/meter.ex
