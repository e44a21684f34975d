# class: test-failure
# tool: bats
# ecosystem: ci
# step: Shell tests
# needs: apt:bats
# proof: not ok 2 unknown commands are refused
mkdir test
printf '#!/bin/sh\ncase ${1:-} in\nversion) echo 1.4 ;;\n*) echo "usage: depot version" ;;\nesac\n' >depot
chmod +x depot
printf '@test "says its version" {\n  run ./depot version\n  [ "$output" = 1.4 ]\n}\n\n@test "unknown commands are refused" {\n  run ./depot shipp\n  [ "$status" -eq 2 ]\n}\n' >test/depot.bats
#%% step
bats --tap test
