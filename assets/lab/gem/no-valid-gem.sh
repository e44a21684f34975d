# class: dependency-error
# tool: gem
# ecosystem: ruby
# step: Install linters
# needs: apt:ruby
# proof: ERROR:  Could not find a valid gem 'danger-changelog' (= 9.1.0)
mkdir -p ../gems
ruby -rzlib -e 'Marshal.dump([], io = File.open("../gems/specs.4.8", "wb")); io.close
%w[specs latest_specs prerelease_specs].each { |name| Zlib::GzipWriter.open("../gems/#{name}.4.8.gz") { |gz| gz << Marshal.dump([]) } }'
(cd ../gems && timeout 60 python3 -m http.server --bind 127.0.0.1 18094 >/dev/null 2>&1 &)
sleep 1
#%% step
gem install danger-changelog -v 9.1.0 --clear-sources --source http://127.0.0.1:18094/ --no-document
