# class: test-failure
# tool: rackunit
# ecosystem: racket
# step: Test
# needs: apt:racket
# proof: FAILURE
cat >leap.rkt <<'END'
#lang racket/base
(provide leap?)
(define (leap? year) (and (zero? (modulo year 4)) (not (zero? (modulo year 100)))))
(module+ test
  (require rackunit)
  (check-true (leap? 2024))
  (check-false (leap? 1900))
  (check-true (leap? 2000) "every fourth century"))
END
#%% step
raco test leap.rkt
