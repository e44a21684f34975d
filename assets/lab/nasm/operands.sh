# class: build-failure
# tool: nasm
# ecosystem: c-cpp
# step: Assemble
# needs: apt:nasm
# proof: error: invalid combination of opcode and operands
cat >blit.asm <<'END'
bits 64
section .text
global blit

blit:
    mov rax, [rdi]
    mov eax, rcx
    shl rax, 3
    ret
END
#%% step
nasm -f elf64 -o blit.o blit.asm
