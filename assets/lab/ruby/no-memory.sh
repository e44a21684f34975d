# class: resource-exhaustion
# tool: ruby
# ecosystem: ruby
# step: Build search index
# needs: apt:ruby
# proof: failed to allocate memory (NoMemoryError)
cat >index.rb <<'END'
puts 'reading manifests'
manifests = Array.new(40) { |number| "manifest #{number} " * 4_000_000 }
puts manifests.sum(&:size)
END
#%% step
ulimit -v 600000
ruby index.rb
