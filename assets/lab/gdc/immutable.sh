# class: build-failure
# tool: gdc
# ecosystem: d
# step: Build
# needs: apt:gdc
# proof: error: cannot modify ‘immutable’ expression ‘metre.factor’
cat >units.d <<'END'
module units;

import std.stdio;

struct Unit { string name; double factor; }

immutable Unit metre = Unit("m", 1.0);

void main()
{
    metre.factor = 0.3048;
    writeln(metre.name);
}
END
#%% step
gdc -O2 -o units units.d
