# class: test-failure
# tool: r-cmd-check
# ecosystem: data
# step: R checks
# needs: apt:r-base-core
# proof: Error: zero is taken off
mkdir R tests
printf 'Package: gauge\nVersion: 0.2\nTitle: Gauges\nAuthor: River Team\nMaintainer: River Team <team@example.org>\nDescription: Reads river gauges.\nLicense: GPL-3\n' >DESCRIPTION
printf 'export(level)\n' >NAMESPACE
printf 'level <- function(raw, zero = 0) (raw - zero) / 100\n' >R/level.R
printf 'library(gauge)\nstopifnot("centimetres become metres" = all.equal(level(250), 2.5), "zero is taken off" = level(250, 50) == 2.1)\n' >tests/level.R
#%% step
R CMD INSTALL --library="$(mkdir -p lib && echo lib)" .
R_LIBS=lib Rscript tests/level.R
