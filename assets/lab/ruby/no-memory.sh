# class: resource-exhaustion
# tool: ruby
# ecosystem: ruby
# step: Import catalogue
# needs: apt:ruby
# proof: failed to allocate memory (NoMemoryError)
printf 'rows = []\nputs "importing"\n200.times { |n| rows << ("row #{n};" * 4_000_000) }\nputs rows.size\n' >import.rb
#%% step
ulimit -v 600000
ruby import.rb
