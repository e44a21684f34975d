# class: resource-exhaustion
# tool: lua
# ecosystem: lua
# step: Build level data
# needs: apt:lua5.4
# proof: not enough memory
printf 'local tiles = {}\nfor n = 1, 2000 do\n   tiles[n] = ("tile %%d "):format(n):rep(200000)\nend\nprint(#tiles)\n' >levels.lua
#%% step
ulimit -v 300000
lua5.4 levels.lua
