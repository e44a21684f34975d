# class: timeout
# tool: bash
# ecosystem: os
# step: Solve roster
# needs: apt:python3
# proof: CPU time limit exceeded
cat >solve.py <<'END'
best = 0
for number in range(10**12):
    best = max(best, number * 7919 % 104729)
    if number % 2_000_000 == 0:
        print(f"tried {number} rosters, best {best}", flush=True)
END
#%% step
ulimit -St 2
python3 solve.py
