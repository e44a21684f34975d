# class: build-failure
# tool: verilator
# ecosystem: hardware
# step: Lint RTL
# needs: apt:verilator
# proof: %Warning-WIDTH
printf 'module adder(input logic [7:0] a, b, output logic [3:0] sum);\n  assign sum = a + b;\nendmodule\n' >adder.sv
#%% step
verilator --lint-only -Wall adder.sv
