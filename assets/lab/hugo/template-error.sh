# class: build-failure
# tool: hugo
# ecosystem: docs
# step: Build site
# needs: apt:hugo
# proof: can't evaluate field Subtitel in type
mkdir -p layouts/_default content
printf 'baseURL = "https://harbor.example/"\ntitle = "Harbor"\ndisableKinds = ["taxonomy", "term", "RSS", "sitemap"]\n' >config.toml
echo '<h1>{{ .Title }}</h1><p>{{ .Subtitel }}</p>{{ .Content }}' >layouts/_default/single.html
echo '{{ range .Pages }}{{ .Title }}{{ end }}' >layouts/_default/list.html
printf -- '---\ntitle: Tides\n---\nHigh water at noon.\n' >content/tides.md
#%% step
hugo --minify
