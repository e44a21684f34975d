# class: build-failure
# tool: sbcl
# ecosystem: lisp
# step: Compile
# needs: apt:sbcl
# proof: READ error during LOAD
cat >orbit.lisp <<'END'
(defpackage :orbit (:use :cl) (:export #:period))
(in-package :orbit)

(defun period (axis &key (mu 398600.4418))
  (* 2 pi (sqrt (/ (expt axis 3) mu)))

(format t "~,1f s~%" (period 6778.0))
END
#%% step
sbcl --non-interactive --load orbit.lisp
