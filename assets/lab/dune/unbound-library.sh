# class: dependency-error
# tool: dune
# ecosystem: ocaml
# step: Build
# needs: apt:dune apt:ocaml-nox
# proof: Error: Library "yojson" not found.
printf '(lang dune 2.0)\n' >dune-project
printf '(executable\n (name export)\n (libraries yojson str))\n' >dune
printf 'let () = print_endline (Yojson.Safe.to_string (`List []))\n' >export.ml
#%% step
dune build ./export.exe
