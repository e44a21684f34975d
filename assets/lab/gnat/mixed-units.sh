# class: build-failure
# tool: gnat
# ecosystem: ada
# step: Build
# needs: apt:gnat
# proof: error: invalid operand types for operator "+"
cat >rail.adb <<'END'
with Ada.Text_IO; use Ada.Text_IO;

procedure Rail is
   type Millimetres is new Integer;
   type Degrees is new Integer;
   Gauge  : Millimetres := 1435;
   Tilt   : constant Degrees := 8;
begin
   Gauge := Gauge + Tilt;
   Put_Line (Millimetres'Image (Gauge));
end Rail;
END
#%% step
gnatmake -gnatwa rail.adb
