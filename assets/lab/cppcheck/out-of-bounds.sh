# class: build-failure
# tool: cppcheck
# ecosystem: c-cpp
# step: Static analysis
# needs: apt:cppcheck
# proof: Array 'slots[8]' accessed at index 8, which is out of bounds. [arrayIndexOutOfBounds]
printf 'int last(void)\n{\n    int slots[8] = {0};\n    for (int i = 0; i <= 8; i++)\n        slots[i] = i;\n    return slots[7];\n}\n' >slots.c
#%% step
cppcheck --enable=warning --error-exitcode=1 slots.c
