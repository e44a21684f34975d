# class: resource-exhaustion
# tool: sbcl
# ecosystem: lisp
# step: Build index
# needs: apt:sbcl
# proof: Heap exhausted
cat >index.lisp <<'END'
(defun pages (count)
  (loop for i below count
        collect (make-array 1000000 :initial-element i)))
(format t "~a pages~%" (length (pages 200)))
END
#%% step
sbcl --dynamic-space-size 128MB --non-interactive --load index.lisp
