# class: build-failure
# tool: nim
# ecosystem: nim
# step: Compile
# needs: apt:nim apt:gcc
# proof: Error: type mismatch: got <string, int literal(1)>
cat >count.nim <<'END'
import std/os

let level = if paramCount() > 0: paramStr(1) else: "3"
echo level + 1
END
#%% step
nim compile --hints:off count.nim
