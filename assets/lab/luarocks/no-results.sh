# class: dependency-error
# tool: luarocks
# ecosystem: lua
# step: Install rocks
# needs: apt:luarocks
# proof: Error: No results matching query were found for Lua
mkdir ../rocks
for version in '' -5.1 -5.2 -5.3 -5.4; do
    printf 'commands = {}\nmodules = {}\nrepository = {}\n' >"../rocks/manifest$version"
done
(cd ../rocks && timeout 60 python3 -m http.server --bind 127.0.0.1 18098 >/dev/null 2>&1 &)
sleep 1
#%% step
luarocks install --tree lua_modules --only-server=http://127.0.0.1:18098 lua-tide 0.4-1
