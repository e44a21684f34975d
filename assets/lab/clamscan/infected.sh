# class: security-scan-failure
# tool: clamav
# ecosystem: ci
# step: Virus scan
# needs: apt:clamav
# proof: FOUND
mkdir dist signatures
printf 'MZ unwanted installer sample' >dist/setup.bin
printf 'readme\n' >dist/README
printf '%s:%s:Unwanted.Installer\n' "$(md5sum dist/setup.bin | cut -d ' ' -f 1)" "$(wc -c <dist/setup.bin)" >signatures/house.hdb
#%% step
clamscan --database signatures --recursive dist
