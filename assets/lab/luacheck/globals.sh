# class: build-failure
# tool: luacheck
# ecosystem: lua
# step: Lint
# needs: apt:lua-check
# proof: accessing undefined variable
cat >route.lua <<'END'
local M = {}

function M.match(path, routes)
   for _, route in ipairs(routes) do
      if path:find(rout.pattern) then
         handler = route.handler
         return handler
      end
   end
end

return M
END
#%% step
luacheck --no-color route.lua
