# class: test-failure
# tool: shunit2
# ecosystem: ci
# step: Shell tests
# needs: apt:shunit2
# proof: ASSERT:names are cut expected:<abcdefgh> but was:<abcdefghi>
printf '#!/bin/sh\ncut_name() { printf %%.9s "$1"; }\n\ntest_short() { assertEquals "short stays" abc "$(cut_name abc)"; }\ntest_long() { assertEquals "names are cut" abcdefgh "$(cut_name abcdefghijk)"; }\n\n. shunit2\n' >names_test.sh
#%% step
sh names_test.sh
