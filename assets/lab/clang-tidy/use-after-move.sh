# class: build-failure
# tool: clang-tidy
# ecosystem: c-cpp
# step: Clang-Tidy
# needs: apt:clang-tidy
# proof: 'name' used after it was moved [bugprone-use-after-move
printf '#include <string>\n#include <utility>\n#include <vector>\n\nvoid add(std::vector<std::string>& names, std::string name)\n{\n    names.push_back(std::move(name));\n    if (name.size() > 40)\n        names.pop_back();\n}\n' >names.cpp
#%% step
clang-tidy --checks='bugprone-*' --warnings-as-errors='*' names.cpp -- -std=c++17
