# class: timeout
# tool: r
# ecosystem: data
# step: Bootstrap intervals
# needs: apt:r-base-core
# proof: reached elapsed time limit
printf 'setTimeLimit(elapsed = 10)\nmessage("10000 resamples")\nfor (round in 1:1e9) mean(sample(1e4, replace = TRUE))\n' >bootstrap.R
#%% step
Rscript bootstrap.R
