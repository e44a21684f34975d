# class: build-failure
# tool: ldc2
# ecosystem: d
# step: Build
# needs: apt:ldc
# proof: Error: no property `sorted` for
cat >rank.d <<'END'
module rank;

import std.stdio;

void main()
{
    auto times = [12.4, 11.9, 12.1];
    foreach (place, time; times.sorted)
        writefln("%s. %s", place + 1, time);
}
END
#%% step
ldc2 -O2 -of=rank rank.d
