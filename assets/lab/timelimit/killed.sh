# class: timeout
# tool: timelimit
# ecosystem: os
# step: Simulation
# needs: apt:timelimit
# proof: timelimit: sending warning signal 15
cat >simulate.sh <<'END'
for hour in $(seq 0 23); do
    echo "simulated hour $hour of 24"
    sleep 1
done
END
#%% step
timelimit -t 4 -T 2 bash simulate.sh
