# class: dependency-error
# tool: nim
# ecosystem: nim
# step: Build
# needs: apt:nim apt:gcc
# proof: Error: cannot open file: jester
cat >board.nim <<'END'
import std/strformat
import jester

routes:
  get "/":
    resp fmt"{1 + 1} messages"
END
#%% step
nim compile --hints:off -d:release board.nim
