# class: network-error
# tool: net-http-ruby
# ecosystem: ruby
# step: Sync holidays
# needs: apt:ruby
# proof: Failed to open TCP connection to 127.0.0.1:8940 (Connection refused
printf 'require "net/http"\n\nputs "syncing holidays"\nputs Net::HTTP.get(URI("http://127.0.0.1:8940/holidays/ch.json"))\n' >holidays.rb
#%% step
ruby holidays.rb
