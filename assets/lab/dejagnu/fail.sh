# class: test-failure
# tool: dejagnu
# ecosystem: c-cpp
# step: Check
# needs: apt:dejagnu
# proof: FAIL: bc divides
mkdir -p testsuite/calc.test
printf 'proc calc {what} { return [expr $what] }\nif {[calc "6*7"] == 42} { pass "bc multiplies" } else { fail "bc multiplies" }\nif {[calc "7/2"] == 3.5} { pass "bc divides" } else { fail "bc divides" }\n' >testsuite/calc.test/calc.exp
#%% step
cd testsuite
runtest --tool calc
