# class: dependency-error
# tool: rspec
# ecosystem: ruby
# step: Specs
# needs: apt:ruby-rspec
# proof: cannot load such file -- money
mkdir spec lib
printf 'require "money"\n\nmodule Fare\n  ZERO = Money.new(0)\nend\n' >lib/fare.rb
printf 'require "fare"\n\nRSpec.describe Fare do\n  it("starts at nothing") { expect(Fare::ZERO).to be_zero }\nend\n' >spec/fare_spec.rb
#%% step
rspec --no-color -I lib
