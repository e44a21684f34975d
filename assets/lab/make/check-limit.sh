# class: timeout
# tool: make
# ecosystem: c-cpp
# step: Check
# needs: apt:make apt:coreutils
# proof: make: *** [Makefile:5: check] Terminated
cat >Makefile <<'END'
check:
	@echo "starting broker on port 18830"
	@echo "waiting for 400 messages"
	@echo "received 112"
	@sleep 200
	@echo "received 400"
END
#%% step
timeout 15 make check
