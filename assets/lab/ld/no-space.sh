# class: resource-exhaustion
# tool: ld
# ecosystem: c-cpp
# step: Link
# needs: apt:gcc apt:mount
# proof: No space left on device
cat >image.c <<'END'
const unsigned char bitmap[6 * 1024 * 1024] = { 1 };
int main(void) { return bitmap[0] - 1; }
END
mkdir build
mount -t tmpfs -o size=8m lab build
#%% step
gcc -O1 -c image.c -o build/image.o
gcc build/image.o -o build/image
