# class: network-error
# tool: hugo
# ecosystem: docs
# step: Build site
# needs: apt:hugo
# proof: connect: connection refused
mkdir -p content layouts/_default
printf 'baseURL = "https://docs.example.org/"\ntitle = "Courier"\n' >config.toml
printf -- '---\ntitle: Start\n---\nHello.\n' >content/start.md
printf '{{ $data := getJSON "http://127.0.0.1:8934/releases.json" }}{{ $data }}\n' >layouts/_default/single.html
#%% step
hugo --minify
