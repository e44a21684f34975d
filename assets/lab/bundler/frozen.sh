# class: dependency-error
# tool: bundler
# ecosystem: ruby
# step: Install gems
# needs: apt:ruby-bundler
# proof: The dependencies in your gemfile changed
mkdir -p vendor/tide
cat >vendor/tide/tide.gemspec <<'END'
Gem::Specification.new do |spec|
  spec.name = "tide"
  spec.version = "1.1.0"
  spec.summary = "Tide tables"
  spec.authors = ["Harbor"]
  spec.files = []
end
END
cat >Gemfile <<'END'
source "http://127.0.0.1:18100"

gem "tide", path: "vendor/tide"
gem "rack", "~> 3.0"
END
cat >Gemfile.lock <<'END'
PATH
  remote: vendor/tide
  specs:
    tide (1.1.0)

GEM
  remote: http://127.0.0.1:18100/
  specs:

PLATFORMS
  x86_64-linux

DEPENDENCIES
  tide!

BUNDLED WITH
   2.3.15
END
mkdir .bundle
printf -- '---\nBUNDLE_FROZEN: "true"\n' >.bundle/config
#%% step
bundle install
