# class: build-failure
# tool: haxe
# ecosystem: haxe
# step: Build
# needs: apt:haxe
# proof: Unknown identifier : easeOut
mkdir src
cat >src/Main.hx <<'END'
class Main {
	static function main() {
		for (frame in 0...10)
			trace(easeOut(frame / 10));
	}
}
END
printf -- '-cp src\n-main Main\n-js game.js\n' >build.hxml
#%% step
haxe build.hxml
