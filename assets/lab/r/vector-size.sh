# class: resource-exhaustion
# tool: r
# ecosystem: data
# step: Fit model
# needs: apt:r-base-core
# proof: Error: cannot allocate vector of size
cat >fit.R <<'END'
message("reading 24000 stations")
distances <- matrix(0, nrow = 24000, ncol = 24000)
message("fitting")
END
#%% step
ulimit -v 2500000
Rscript fit.R
