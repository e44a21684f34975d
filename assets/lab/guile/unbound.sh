# class: build-failure
# tool: guile
# ecosystem: lisp
# step: Build
# needs: apt:guile-3.0
# proof: Unbound variable: string-join*
cat >banner.scm <<'END'
(define (banner . words)
  (string-join* words " "))
(display (banner "signal" "box"))
(newline)
END
#%% step
guile --no-auto-compile -s banner.scm
