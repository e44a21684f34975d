# class: build-failure
# tool: flex
# ecosystem: c-cpp
# step: Generate scanner
# needs: apt:flex
# proof: scan.l:4: missing quote
printf '%%option noyywrap\nDIGIT [0-9]\n%%%%\n"open {DIGIT}+ { return 1; }\n. ;\n%%%%\n' >scan.l
#%% step
flex -o scan.c scan.l
