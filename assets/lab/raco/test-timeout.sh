# class: timeout
# tool: racket-test
# ecosystem: racket
# step: Test
# needs: apt:racket
# proof: timeout after 45 seconds
printf '#lang racket/base\n(module+ test\n  (displayln "waiting for the bus")\n  (sleep 300))\n' >bus.rkt
#%% step
raco test --process --timeout 45 bus.rkt
