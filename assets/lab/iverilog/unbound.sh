# class: build-failure
# tool: iverilog
# ecosystem: hardware
# step: Compile testbench
# needs: apt:iverilog
# proof: error: Unable to bind wire/reg/memory `tick' in `counter'
printf 'module counter(input clk, output reg [7:0] count);\n  always @(posedge clk)\n    if (tick) count <= count + 1;\nendmodule\n' >counter.v
#%% step
iverilog -g2012 -Wall -o counter.vvp counter.v
