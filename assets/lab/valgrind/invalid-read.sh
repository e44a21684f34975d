# class: test-failure
# tool: valgrind
# ecosystem: c-cpp
# step: Memory check
# needs: apt:valgrind apt:gcc apt:libc6-dbg
# proof: Invalid write of size 4
printf '#include <stdlib.h>\n\nint main(void)\n{\n    int *slots = malloc(4 * sizeof *slots);\n    for (int i = 0; i <= 4; i++)\n        slots[i] = i;\n    return 0;\n}\n' >slots.c
gcc -g -O0 -o slots slots.c
#%% step
valgrind --leak-check=full --error-exitcode=1 ./slots
