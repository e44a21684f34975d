# class: resource-exhaustion
# tool: bash
# ecosystem: os
# step: Parallel conversion
# needs: apt:bash
# user: nobody
# proof: fork: retry: Resource temporarily unavailable
cat >convert.sh <<'END'
ulimit -u 10
for tile in $(seq 1 40); do
    sleep 4 &
done
wait
END
#%% step
bash -e convert.sh
