# class: build-failure
# tool: ocaml
# ecosystem: ocaml
# step: Build
# needs: apt:ocaml-nox
# proof: Error (warning 8 [partial-match]): this pattern-matching is not exhaustive.
cat >signal.ml <<'END'
type aspect = Stop | Caution | Proceed

let speed = function
  | Stop -> 0
  | Proceed -> 160

let () = List.iter (fun a -> Printf.printf "%d\n" (speed a)) [ Stop; Caution; Proceed ]
END
#%% step
ocamlopt -w +a-4 -warn-error +a -o signal signal.ml
