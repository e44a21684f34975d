# class: build-failure
# tool: jekyll
# ecosystem: docs
# step: Build pages
# needs: apt:jekyll
# proof: Liquid Exception
mkdir -p _includes
printf 'title: Harbor\nsafe: true\n' >_config.yml
printf -- '---\ntitle: Tides\n---\n{%% if page.high %%}\nHigh water\n{%% include footer.html %%}\n' >index.md
#%% step
jekyll build
