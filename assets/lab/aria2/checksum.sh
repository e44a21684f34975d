# class: dependency-error
# tool: aria2
# ecosystem: ci
# step: Download toolchain
# needs: apt:aria2
# proof: Checksum error detected.
mkdir ../files
head -c 50000 /dev/urandom >../files/toolchain-13.2.tar.xz
(cd ../files && timeout 60 python3 -m http.server --bind 127.0.0.1 18179 >/dev/null 2>&1 &)
sleep 1
#%% step
aria2c --summary-interval=0 --max-tries=1 --checksum=sha-256=5f1e0c3b7a9d24c8e6bb0f7d1a43925e8c6f70b1d2e3a4958677c8d9e0f1a2b3 http://127.0.0.1:18179/toolchain-13.2.tar.xz
