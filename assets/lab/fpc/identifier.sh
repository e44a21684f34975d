# class: build-failure
# tool: fpc
# ecosystem: pascal
# step: Compile
# needs: apt:fpc
# proof: Error: Identifier not found "FormatDateTime"
cat >stamp.pas <<'END'
program stamp;

{$mode objfpc}{$H+}

var
  text: string;

begin
  text := FormatDateTime('yyyy-mm-dd', Now);
  WriteLn('build of ', text);
end.
END
#%% step
fpc -O2 stamp.pas
