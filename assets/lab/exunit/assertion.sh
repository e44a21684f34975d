# class: test-failure
# tool: exunit
# ecosystem: elixir
# step: Test
# needs: apt:elixir apt:erlang-dev
# proof: Assertion with == failed
mkdir lib test
cat >mix.exs <<'END'
defmodule Fare.MixProject do
  use Mix.Project

  def project do
    [app: :fare, version: "0.4.0", elixir: "~> 1.12", deps: []]
  end
end
END
cat >lib/fare.ex <<'END'
defmodule Fare do
  def zones(from, to), do: abs(from - to)
  def price(from, to), do: 250 + 120 * zones(from, to)
end
END
cat >test/fare_test.exs <<'END'
defmodule FareTest do
  use ExUnit.Case

  test "a ride within one zone counts that zone" do
    assert Fare.zones(3, 3) == 1
  end

  test "prices are in cents" do
    assert Fare.price(1, 2) == 370
  end
end
END
printf 'ExUnit.start()\n' >test/test_helper.exs
#%% step
mix test
