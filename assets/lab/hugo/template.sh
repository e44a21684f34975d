# class: build-failure
# tool: hugo
# ecosystem: docs
# step: Build site
# needs: apt:hugo
# proof: failed to extract shortcode: template for shortcode "figure-grid" not found
mkdir -p content layouts/_default
printf 'baseURL = "https://docs.example.org/"\ntitle = "Courier"\n' >config.toml
printf -- '---\ntitle: Start\n---\n\n{{< figure-grid >}}\n' >content/start.md
printf '{{ .Content }}\n' >layouts/_default/single.html
#%% step
hugo --minify
