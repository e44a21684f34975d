# class: build-failure
# tool: cython
# ecosystem: python
# step: Build extension
# needs: pip:cython==3.0.11
# proof: undeclared name not builtin: sqrt
printf '# cython: language_level=3\ncpdef double norm(double x, double y):\n    return sqrt(x * x + y * y)\n' >norm.pyx
#%% step
cython -Werror norm.pyx
