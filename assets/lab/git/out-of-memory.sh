# class: resource-exhaustion
# tool: git
# ecosystem: ci
# step: Add model weights
# needs: apt:git
# proof: Cannot allocate memory
git init -q -b main .
git config core.bigFileThreshold 2g
truncate -s 400M berth.onnx
#%% step
ulimit -v 300000
git add berth.onnx
