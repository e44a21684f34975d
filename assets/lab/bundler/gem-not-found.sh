# class: dependency-error
# tool: bundler
# ecosystem: ruby
# step: Bundle install
# needs: apt:ruby-bundler
# proof: Could not find gem 'pagy (~> 9.9)' in rubygems repository
mkdir -p ../gems/info
printf -- '---\ncreated_at: 2024-06-01T00:00:00Z\n---\npagy 8.4.4,9.0.2 6d9aa1c7d1d6e2e6f1a3b4c5d6e7f809\n' >../gems/versions
printf -- '---\n8.4.4 |checksum:1c0f3d9b8a7e6f5d4c3b2a190817263544536271809fa0b1c2d3e4f5a6b7c8d9\n9.0.2 |checksum:2c0f3d9b8a7e6f5d4c3b2a190817263544536271809fa0b1c2d3e4f5a6b7c8d9\n' >../gems/info/pagy
(cd ../gems && timeout 90 python3 -m http.server --bind 127.0.0.1 18093 >/dev/null 2>&1 &)
sleep 1
cat >Gemfile <<'END'
source "http://127.0.0.1:18093"

gem "pagy", "~> 9.9"
END
#%% step
bundle install --jobs 2 --retry 1
