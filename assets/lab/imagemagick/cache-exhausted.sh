# class: resource-exhaustion
# tool: imagemagick
# ecosystem: os
# step: Render posters
# needs: apt:imagemagick
# proof: cache resources exhausted
#%% step
/usr/bin/convert-im6.q16 -limit memory 4MiB -limit map 4MiB -limit disk 1MiB -size 6000x6000 gradient:navy-white -blur 0x4 poster.png
