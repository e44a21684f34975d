# class: resource-exhaustion
# tool: ocaml
# ecosystem: ocaml
# step: Precompute
# needs: apt:ocaml-nox
# proof: Fatal error: exception Out_of_memory
printf 'let () =\n  let tables = Array.init 100 (fun n -> Printf.printf "table %%d\\n%%!" n; Bytes.make (32 lsl 20) (Char.chr n)) in\n  print_int (Array.length tables)\n' >pre.ml
ocamlfind ocamlopt -o pre pre.ml 2>/dev/null || ocamlopt -o pre pre.ml
#%% step
ulimit -v 500000
./pre
