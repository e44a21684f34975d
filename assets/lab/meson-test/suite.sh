# class: test-failure
# tool: meson-test
# ecosystem: c-cpp
# step: Test
# needs: apt:meson apt:gcc apt:ninja-build
# proof: 2/3 gain
cat >meson.build <<'END'
project('mixer', 'c')
foreach name : ['fade', 'gain', 'pan']
  test(name, executable('test_' + name, 'test_' + name + '.c'))
endforeach
END
printf 'int main(void) { return 0; }\n' | tee test_fade.c >test_pan.c
cat >test_gain.c <<'END'
#include <assert.h>
#include <stdio.h>
static int gain(int sample, int percent) { return sample * percent / 100; }
int main(void)
{
    printf("gain(-3, 50) = %d\n", gain(-3, 50));
    assert(gain(-3, 50) == -2);
    return 0;
}
END
meson setup build
ninja -C build
#%% step
meson test -C build --print-errorlogs
