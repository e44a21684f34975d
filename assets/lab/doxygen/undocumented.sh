# class: build-failure
# tool: doxygen
# ecosystem: docs
# step: API docs
# needs: apt:doxygen
# proof: error: argument 'rate' of command @param is not found in the argument list of
printf 'PROJECT_NAME = tariff\nINPUT = tariff.h\nWARN_AS_ERROR = YES\nGENERATE_LATEX = NO\nQUIET = YES\n' >Doxyfile
printf '/** @file */\n\n/**\n * Cost of energy.\n * @param rate cents for each unit\n */\nint cost(int units, int cents);\n' >tariff.h
#%% step
doxygen Doxyfile
