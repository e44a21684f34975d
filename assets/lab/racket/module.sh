# class: dependency-error
# tool: racket
# ecosystem: racket
# step: Compile
# needs: apt:racket
# proof: collection not found
cat >report.rkt <<'END'
#lang racket/base
(require threading racket/list)
(~> (range 10) (map add1 _) (apply + _) displayln)
END
#%% step
raco make report.rkt
