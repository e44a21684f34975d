# class: build-failure
# tool: bison
# ecosystem: c-cpp
# step: Generate parser
# needs: apt:bison
# proof: error: nonterminal useless in grammar: product
printf '%%token NUMBER\n%%%%\nstart: sum;\nsum: sum "+" sum | NUMBER;\nproduct: product "*" NUMBER;\n' >calc.y
#%% step
bison -Wall -Werror -o calc.c calc.y
