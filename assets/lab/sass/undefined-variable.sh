# class: build-failure
# tool: sass
# ecosystem: node
# step: Compile styles
# needs: npm:sass@1.79.4
# proof: Error: Undefined variable.
mkdir styles
cat >styles/main.scss <<'END'
@use "colours";

.banner {
  background: colours.$night;
  padding: $gutter * 2;
}
END
printf '$night: #0b1f3a;\n' >styles/_colours.scss
#%% step
sass --no-source-map styles/main.scss public/main.css
