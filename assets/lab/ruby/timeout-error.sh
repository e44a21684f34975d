# class: timeout
# tool: ruby-timeout
# ecosystem: ruby
# step: Wait for search index
# needs: apt:ruby
# proof: execution expired (Timeout::Error)
printf 'require "timeout"\n\nTimeout.timeout(10) do\n  loop do\n    puts "index is yellow"\n    sleep 4\n  end\nend\n' >wait_index.rb
#%% step
ruby wait_index.rb
