# class: configuration-error
# tool: rubocop
# ecosystem: ruby
# step: RuboCop
# needs: apt:rubocop
# proof: Error: unrecognized cop or department Layout/LineLenght found in .rubocop.yml
printf 'AllCops:\n  NewCops: disable\n  SuggestExtensions: false\nLayout/LineLenght:\n  Max: 100\n' >.rubocop.yml
printf '# frozen_string_literal: true\n\nputs 1\n' >one.rb
#%% step
rubocop --no-color
