# class: dependency-error
# tool: r
# ecosystem: data
# step: Render report
# needs: apt:r-base-core
# proof: there is no package called ‘data.table’
cat >report.R <<'END'
library(stats)
library(data.table)

readings <- fread("readings.csv")
print(readings[, .(mean = mean(value)), by = station])
END
#%% step
Rscript report.R
