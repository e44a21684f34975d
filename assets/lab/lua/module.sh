# class: dependency-error
# tool: lua
# ecosystem: lua
# step: Smoke test
# needs: apt:lua5.4
# proof: module 'lpeg' not found:
cat >lex.lua <<'END'
local lpeg = require "lpeg"
local number = lpeg.R("09") ^ 1
print(number:match("42 rows"))
END
#%% step
lua5.4 lex.lua
