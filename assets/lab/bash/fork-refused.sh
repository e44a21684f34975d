# class: resource-exhaustion
# tool: bash
# ecosystem: os
# step: Parallel conversion
# needs: apt:util-linux
# proof: fork: retry: Resource temporarily unavailable
cat >convert.sh <<'END'
ulimit -u 12
for tile in $(seq 1 40); do
    sleep 4 &
done
wait
END
#%% step
timeout 15 setpriv --reuid=65533 --regid=65533 --clear-groups bash -e convert.sh
