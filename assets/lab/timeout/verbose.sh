# class: timeout
# tool: timeout
# ecosystem: os
# step: End-to-end tests
# needs: apt:coreutils
# proof: timeout: sending signal TERM to command
cat >e2e.sh <<'END'
echo "starting browser pool"
echo "scenario login: ok (0.8 s)"
echo "scenario search: ok (1.1 s)"
echo "scenario checkout: waiting for payment sandbox"
sleep 300
END
#%% step
timeout --verbose 5 bash e2e.sh
