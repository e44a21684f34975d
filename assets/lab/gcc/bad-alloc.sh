# class: resource-exhaustion
# tool: libstdc++
# ecosystem: c-cpp
# step: Render atlas
# needs: apt:g++
# proof: what():  std::bad_alloc
printf '#include <cstdio>\n#include <vector>\n\nint main()\n{\n    std::vector<std::vector<char>> pages;\n    for (int page = 1; page <= 100; page++) {\n        std::printf("page %%d\\n", page);\n        std::fflush(stdout);\n        pages.emplace_back(32u << 20);\n    }\n    return pages.size() != 100;\n}\n' >atlas.cpp
g++ -O1 -o atlas atlas.cpp
#%% step
ulimit -v 400000
./atlas
