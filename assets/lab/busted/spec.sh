# class: test-failure
# tool: busted
# ecosystem: lua
# step: Test
# needs: apt:lua-busted
# proof: Expected objects to be equal.
mkdir spec
cat >slug.lua <<'END'
return function(title)
   return (title:lower():gsub("%s", "-"):gsub("[^%w-]", ""))
end
END
cat >spec/slug_spec.lua <<'END'
local slug = require "slug"

describe("slug", function()
   it("joins words", function()
      assert.are.equal("night-train", slug("Night train"))
   end)

   it("folds runs of blanks", function()
      assert.are.equal("night-train", slug("Night  train!"))
   end)
end)
END
#%% step
busted --output=plainTerminal
