# class: test-failure
# tool: rspec
# ecosystem: ruby
# step: Specs
# needs: apt:ruby-rspec
# proof: expected: "1,250.00"
mkdir spec
cat >spec/amount_spec.rb <<'END'
def amount(cents)
  format("%.2f", cents / 100.0)
end

RSpec.describe "amount" do
  it "has two places" do
    expect(amount(250)).to eq("2.50")
  end

  it "groups thousands" do
    expect(amount(125_000)).to eq("1,250.00")
  end
end
END
#%% step
rspec --no-color
