# class: build-failure
# tool: lessc
# ecosystem: node
# step: Compile styles
# needs: npm:less@4.2.0
# proof: NameError: .rounded is undefined
printf '.card {\n  .rounded(4px);\n  color: @ink;\n}\n@ink: #223;\n' >card.less
#%% step
lessc card.less card.css
