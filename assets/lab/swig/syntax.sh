# class: build-failure
# tool: swig
# ecosystem: c-cpp
# step: Generate bindings
# needs: apt:swig
# proof: Error: Syntax error in input
printf '%%module gauge\n%%{\n#include "gauge.h"\n%%}\ndouble level(int raw;\n' >gauge.i
#%% step
swig -python gauge.i
