# class: security-scan-failure
# tool: flawfinder
# ecosystem: c-cpp
# step: Security scan
# needs: pip:flawfinder==2.0.19
# proof: Does not check for buffer overflows when copying
printf '#include <stdio.h>\n#include <string.h>\n\nvoid label(char *into, const char *name)\n{\n    strcpy(into, name);\n}\n\nint main(int argc, char **argv)\n{\n    char line[16];\n    if (argc > 1)\n        label(line, argv[1]);\n    puts(line);\n    return 0;\n}\n' >label.c
#%% step
flawfinder --error-level=4 --minlevel=3 .
