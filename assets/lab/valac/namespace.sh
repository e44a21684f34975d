# class: build-failure
# tool: valac
# ecosystem: c-cpp
# step: Build
# needs: apt:valac apt:libglib2.0-dev
# proof: error: The name `parse_uint' does not exist in the context of `uint'
cat >volume.vala <<'END'
public class Volume : Object {
    public uint level { get; set; default = 40; }

    public static int main (string[] args) {
        var volume = new Volume ();
        if (args.length > 1) {
            volume.level = uint.parse_uint (args[1]);
        }
        stdout.printf ("%u\n", volume.level);
        return 0;
    }
}
END
#%% step
valac --pkg glib-2.0 -o volume volume.vala
