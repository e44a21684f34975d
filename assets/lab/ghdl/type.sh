# class: build-failure
# tool: ghdl
# ecosystem: hardware
# step: Analyse VHDL
# needs: apt:ghdl
# proof: no declaration for "unsigned"
printf 'library ieee;\nuse ieee.std_logic_1164.all;\n\nentity timer is\n  port (clk : in std_logic; ticks : out unsigned(7 downto 0));\nend entity;\n' >timer.vhd
#%% step
ghdl -a --std=08 timer.vhd
