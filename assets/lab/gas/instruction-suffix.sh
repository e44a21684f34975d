# class: build-failure
# tool: gas
# ecosystem: c-cpp
# step: Assemble
# needs: apt:binutils
# proof: Error: invalid instruction suffix for `vpaddq'
cat >sum.s <<'END'
    .text
    .globl sum
sum:
    vmovdqu (%rdi), %ymm0
    vpaddqq %ymm0, %ymm1, %ymm2
    ret
END
#%% step
as -o sum.o sum.s
