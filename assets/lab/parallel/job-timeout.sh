# class: timeout
# tool: parallel
# ecosystem: os
# step: Convert charts
# needs: apt:parallel
# proof: parallel: Warning: This job was killed because it timed out:
mkdir "$HOME/.parallel" 2>/dev/null || true
touch "$HOME/.parallel/will-cite"
printf '#!/bin/sh\ncase $1 in *-17*) sleep 60 ;; esac\necho "converted $1"\n' >convert
chmod +x convert
#%% step
parallel --timeout 3 --halt soon,fail=1 ./convert ::: chart-15.kap chart-16.kap chart-17.kap chart-18.kap
