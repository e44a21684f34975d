# class: build-failure
# tool: rubocop
# ecosystem: ruby
# step: RuboCop
# needs: apt:rubocop
# proof: Lint/UselessAssignment: Useless assignment to variable - total
printf 'AllCops:\n  NewCops: disable\n  SuggestExtensions: false\n' >.rubocop.yml
printf '# frozen_string_literal: true\n\ndef mean(values)\n  total = values.sum\n  values.sum.to_f / values.size\nend\n' >mean.rb
#%% step
rubocop --no-color
