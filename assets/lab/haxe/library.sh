# class: dependency-error
# tool: haxe
# ecosystem: haxe
# step: Build game
# needs: apt:haxe
# proof: Library heaps is not installed : run 'haxelib install heaps'
mkdir -p src .haxelib
printf 'class Main {\n\tstatic function main() {}\n}\n' >src/Main.hx
printf -- '-lib heaps\n-cp src\n-main Main\n-js game.js\n' >build.hxml
#%% step
haxe build.hxml
